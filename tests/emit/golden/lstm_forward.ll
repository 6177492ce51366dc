; ModuleID = "lstm"
target triple = "x86_64-unknown-linux-gnu"
target datalayout = ""

declare void @"elman_x86-64-v4_float_tile_1"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_2"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_3"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_4"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_5"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_6"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

define internal void @"step"(float** %".1", i64* %".2", i64* %".3", i64 %".4", i64 %".5", i64 %".6", i64 %".7", float* %".8")
{
entry:
  %".10" = getelementptr i64, i64* %".3", i64 0
  %".11" = load i64, i64* %".10"
  %".12" = getelementptr float*, float** %".1", i64 0
  %".13" = load float*, float** %".12"
  %".14" = getelementptr i64, i64* %".2", i64 0
  %".15" = load i64, i64* %".14"
  %".16" = mul i64 %".15", %".4"
  %".17" = getelementptr float, float* %".13", i64 %".16"
  %".18" = getelementptr float*, float** %".1", i64 1
  %".19" = load float*, float** %".18"
  %".20" = getelementptr i64, i64* %".2", i64 1
  %".21" = load i64, i64* %".20"
  %".22" = mul i64 %".21", %".4"
  %".23" = getelementptr float, float* %".19", i64 %".22"
  %".24" = getelementptr float*, float** %".1", i64 2
  %".25" = load float*, float** %".24"
  %".26" = getelementptr i64, i64* %".2", i64 2
  %".27" = load i64, i64* %".26"
  %".28" = mul i64 %".27", %".4"
  %".29" = getelementptr float, float* %".25", i64 %".28"
  %".30" = getelementptr float*, float** %".1", i64 3
  %".31" = load float*, float** %".30"
  %".32" = getelementptr i64, i64* %".2", i64 3
  %".33" = load i64, i64* %".32"
  %".34" = mul i64 %".33", %".4"
  %".35" = getelementptr float, float* %".31", i64 %".34"
  %".36" = getelementptr float*, float** %".1", i64 4
  %".37" = load float*, float** %".36"
  %".38" = getelementptr i64, i64* %".2", i64 4
  %".39" = load i64, i64* %".38"
  %".40" = getelementptr float*, float** %".1", i64 5
  %".41" = load float*, float** %".40"
  %".42" = getelementptr i64, i64* %".2", i64 5
  %".43" = load i64, i64* %".42"
  %".44" = getelementptr float*, float** %".1", i64 6
  %".45" = load float*, float** %".44"
  %".46" = getelementptr i64, i64* %".2", i64 6
  %".47" = load i64, i64* %".46"
  %".48" = getelementptr float*, float** %".1", i64 7
  %".49" = load float*, float** %".48"
  %".50" = getelementptr i64, i64* %".2", i64 7
  %".51" = load i64, i64* %".50"
  %".52" = getelementptr float*, float** %".1", i64 8
  %".53" = load float*, float** %".52"
  %".54" = getelementptr i64, i64* %".2", i64 8
  %".55" = load i64, i64* %".54"
  %".56" = mul i64 %".55", %".5"
  %".57" = getelementptr float, float* %".53", i64 %".56"
  %".58" = getelementptr float*, float** %".1", i64 9
  %".59" = load float*, float** %".58"
  %".60" = getelementptr i64, i64* %".2", i64 9
  %".61" = load i64, i64* %".60"
  %".62" = mul i64 %".61", %".5"
  %".63" = getelementptr float, float* %".59", i64 %".62"
  %".64" = getelementptr float*, float** %".1", i64 10
  %".65" = load float*, float** %".64"
  %".66" = getelementptr i64, i64* %".2", i64 10
  %".67" = load i64, i64* %".66"
  %".68" = mul i64 %".67", %".4"
  %".69" = getelementptr float, float* %".65", i64 %".68"
  %".70" = getelementptr float*, float** %".1", i64 11
  %".71" = load float*, float** %".70"
  %".72" = getelementptr i64, i64* %".2", i64 11
  %".73" = load i64, i64* %".72"
  %".74" = mul i64 %".73", %".4"
  %".75" = getelementptr float, float* %".71", i64 %".74"
  %".76" = getelementptr float*, float** %".1", i64 12
  %".77" = load float*, float** %".76"
  %".78" = getelementptr i64, i64* %".2", i64 12
  %".79" = load i64, i64* %".78"
  %".80" = mul i64 %".79", %".4"
  %".81" = getelementptr float, float* %".77", i64 %".80"
  %".82" = getelementptr float*, float** %".1", i64 13
  %".83" = load float*, float** %".82"
  %".84" = getelementptr i64, i64* %".2", i64 13
  %".85" = load i64, i64* %".84"
  %".86" = mul i64 %".85", %".4"
  %".87" = getelementptr float, float* %".83", i64 %".86"
  %".88" = getelementptr float*, float** %".1", i64 14
  %".89" = load float*, float** %".88"
  %".90" = getelementptr i64, i64* %".2", i64 14
  %".91" = load i64, i64* %".90"
  %".92" = mul i64 %".91", %".4"
  %".93" = getelementptr float, float* %".89", i64 %".92"
  %".94" = getelementptr float*, float** %".1", i64 15
  %".95" = load float*, float** %".94"
  %".96" = getelementptr i64, i64* %".2", i64 15
  %".97" = load i64, i64* %".96"
  %".98" = mul i64 %".97", %".4"
  %".99" = getelementptr float, float* %".95", i64 %".98"
  %".100" = getelementptr float*, float** %".1", i64 16
  %".101" = load float*, float** %".100"
  %".102" = getelementptr i64, i64* %".2", i64 16
  %".103" = load i64, i64* %".102"
  %".104" = mul i64 %".103", %".4"
  %".105" = getelementptr float, float* %".101", i64 %".104"
  %".106" = getelementptr float*, float** %".1", i64 17
  %".107" = load float*, float** %".106"
  %".108" = getelementptr i64, i64* %".2", i64 17
  %".109" = load i64, i64* %".108"
  %".110" = add i64 %".11", 15
  %".111" = udiv i64 %".110", 16
  %".112" = add i64 %".11", 15
  %".113" = udiv i64 %".112", 16
  %".114" = add i64 %".7", 5
  %".115" = udiv i64 %".114", 6
  %".116" = udiv i64 %".7", %".115"
  %".117" = urem i64 %".7", %".115"
  br label %"block.head"
block.head:
  %"block" = phi  i64 [0, %"entry"], [%".554", %"tile.end"]
  %".119" = icmp slt i64 %"block", %".111"
  br i1 %".119", label %"block.body", label %"block.end"
block.body:
  br label %"tile.head"
block.end:
  ret void
tile.head:
  %"tile" = phi  i64 [0, %"block.body"], [%".552", %"row.end"]
  %".122" = icmp slt i64 %"tile", %".115"
  br i1 %".122", label %"tile.body", label %"tile.end"
tile.body:
  %".124" = mul i64 %"tile", %".116"
  %".125" = icmp slt i64 %"tile", %".117"
  %".126" = select  i1 %".125", i64 %"tile", i64 %".117"
  %".127" = add i64 %".124", %".126"
  %".128" = icmp slt i64 %"tile", %".117"
  %".129" = zext i1 %".128" to i64
  %".130" = add i64 %".116", %".129"
  switch i64 %".130", label %"products.end" [i64 1, label %"products.1" i64 2, label %"products.2" i64 3, label %"products.3" i64 4, label %"products.4" i64 5, label %"products.5" i64 6, label %"products.6"]
tile.end:
  %".554" = add i64 %"block", 1
  br label %"block.head"
products.end:
  %".234" = mul i64 %"block", 1
  %".235" = sub i64 %".113", %".234"
  %".236" = icmp slt i64 1, %".235"
  %".237" = select  i1 %".236", i64 1, i64 %".235"
  br label %"row.head"
products.1:
  %".132" = mul i64 %".127", %".55"
  %".133" = getelementptr float, float* %".57", i64 %".132"
  br label %"column.head"
column.head:
  %"column" = phi  i64 [0, %"products.1"], [%".146", %"column.body"]
  %".135" = icmp slt i64 %"column", 1
  br i1 %".135", label %"column.body", label %"column.end"
column.body:
  %".137" = mul i64 %"block", 1
  %".138" = add i64 %".137", %"column"
  %".139" = mul i64 %".138", 64
  %".140" = mul i64 %".139", %".11"
  %".141" = getelementptr float, float* %".107", i64 %".140"
  %".142" = mul i64 %"column", 64
  %".143" = add i64 0, %".142"
  %".144" = getelementptr float, float* %".8", i64 %".143"
  call void @"elman_x86-64-v4_float_tile_1"(float* %".133", i64 %".55", i64 %".11", float* %".141", float* %".144", i64 64, i1 0)
  %".146" = add i64 %"column", 1
  br label %"column.head"
column.end:
  br label %"products.end"
products.2:
  %".149" = mul i64 %".127", %".55"
  %".150" = getelementptr float, float* %".57", i64 %".149"
  br label %"column.head.1"
column.head.1:
  %"column.1" = phi  i64 [0, %"products.2"], [%".163", %"column.body.1"]
  %".152" = icmp slt i64 %"column.1", 1
  br i1 %".152", label %"column.body.1", label %"column.end.1"
column.body.1:
  %".154" = mul i64 %"block", 1
  %".155" = add i64 %".154", %"column.1"
  %".156" = mul i64 %".155", 64
  %".157" = mul i64 %".156", %".11"
  %".158" = getelementptr float, float* %".107", i64 %".157"
  %".159" = mul i64 %"column.1", 64
  %".160" = add i64 0, %".159"
  %".161" = getelementptr float, float* %".8", i64 %".160"
  call void @"elman_x86-64-v4_float_tile_2"(float* %".150", i64 %".55", i64 %".11", float* %".158", float* %".161", i64 64, i1 0)
  %".163" = add i64 %"column.1", 1
  br label %"column.head.1"
column.end.1:
  br label %"products.end"
products.3:
  %".166" = mul i64 %".127", %".55"
  %".167" = getelementptr float, float* %".57", i64 %".166"
  br label %"column.head.2"
column.head.2:
  %"column.2" = phi  i64 [0, %"products.3"], [%".180", %"column.body.2"]
  %".169" = icmp slt i64 %"column.2", 1
  br i1 %".169", label %"column.body.2", label %"column.end.2"
column.body.2:
  %".171" = mul i64 %"block", 1
  %".172" = add i64 %".171", %"column.2"
  %".173" = mul i64 %".172", 64
  %".174" = mul i64 %".173", %".11"
  %".175" = getelementptr float, float* %".107", i64 %".174"
  %".176" = mul i64 %"column.2", 64
  %".177" = add i64 0, %".176"
  %".178" = getelementptr float, float* %".8", i64 %".177"
  call void @"elman_x86-64-v4_float_tile_3"(float* %".167", i64 %".55", i64 %".11", float* %".175", float* %".178", i64 64, i1 0)
  %".180" = add i64 %"column.2", 1
  br label %"column.head.2"
column.end.2:
  br label %"products.end"
products.4:
  %".183" = mul i64 %".127", %".55"
  %".184" = getelementptr float, float* %".57", i64 %".183"
  br label %"column.head.3"
column.head.3:
  %"column.3" = phi  i64 [0, %"products.4"], [%".197", %"column.body.3"]
  %".186" = icmp slt i64 %"column.3", 1
  br i1 %".186", label %"column.body.3", label %"column.end.3"
column.body.3:
  %".188" = mul i64 %"block", 1
  %".189" = add i64 %".188", %"column.3"
  %".190" = mul i64 %".189", 64
  %".191" = mul i64 %".190", %".11"
  %".192" = getelementptr float, float* %".107", i64 %".191"
  %".193" = mul i64 %"column.3", 64
  %".194" = add i64 0, %".193"
  %".195" = getelementptr float, float* %".8", i64 %".194"
  call void @"elman_x86-64-v4_float_tile_4"(float* %".184", i64 %".55", i64 %".11", float* %".192", float* %".195", i64 64, i1 0)
  %".197" = add i64 %"column.3", 1
  br label %"column.head.3"
column.end.3:
  br label %"products.end"
products.5:
  %".200" = mul i64 %".127", %".55"
  %".201" = getelementptr float, float* %".57", i64 %".200"
  br label %"column.head.4"
column.head.4:
  %"column.4" = phi  i64 [0, %"products.5"], [%".214", %"column.body.4"]
  %".203" = icmp slt i64 %"column.4", 1
  br i1 %".203", label %"column.body.4", label %"column.end.4"
column.body.4:
  %".205" = mul i64 %"block", 1
  %".206" = add i64 %".205", %"column.4"
  %".207" = mul i64 %".206", 64
  %".208" = mul i64 %".207", %".11"
  %".209" = getelementptr float, float* %".107", i64 %".208"
  %".210" = mul i64 %"column.4", 64
  %".211" = add i64 0, %".210"
  %".212" = getelementptr float, float* %".8", i64 %".211"
  call void @"elman_x86-64-v4_float_tile_5"(float* %".201", i64 %".55", i64 %".11", float* %".209", float* %".212", i64 64, i1 0)
  %".214" = add i64 %"column.4", 1
  br label %"column.head.4"
column.end.4:
  br label %"products.end"
products.6:
  %".217" = mul i64 %".127", %".55"
  %".218" = getelementptr float, float* %".57", i64 %".217"
  br label %"column.head.5"
column.head.5:
  %"column.5" = phi  i64 [0, %"products.6"], [%".231", %"column.body.5"]
  %".220" = icmp slt i64 %"column.5", 1
  br i1 %".220", label %"column.body.5", label %"column.end.5"
column.body.5:
  %".222" = mul i64 %"block", 1
  %".223" = add i64 %".222", %"column.5"
  %".224" = mul i64 %".223", 64
  %".225" = mul i64 %".224", %".11"
  %".226" = getelementptr float, float* %".107", i64 %".225"
  %".227" = mul i64 %"column.5", 64
  %".228" = add i64 0, %".227"
  %".229" = getelementptr float, float* %".8", i64 %".228"
  call void @"elman_x86-64-v4_float_tile_6"(float* %".218", i64 %".55", i64 %".11", float* %".226", float* %".229", i64 64, i1 0)
  %".231" = add i64 %"column.5", 1
  br label %"column.head.5"
column.end.5:
  br label %"products.end"
row.head:
  %"row" = phi  i64 [0, %"products.end"], [%".550", %"unit.end"]
  %".239" = icmp slt i64 %"row", %".130"
  br i1 %".239", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  %".552" = add i64 %"tile", 1
  br label %"tile.head"
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".548", %"unit.body"]
  %".242" = icmp slt i64 %"unit", %".237"
  br i1 %".242", label %"unit.body", label %"unit.end"
unit.body:
  %".244" = mul i64 %"row", 4
  %".245" = mul i64 %"unit", 4
  %".246" = add i64 %".245", 0
  %".247" = add i64 %".244", %".246"
  %".248" = mul i64 %".247", 16
  %".249" = getelementptr float, float* %".8", i64 %".248"
  %".250" = bitcast float* %".249" to <16 x float>*
  %".251" = load <16 x float>, <16 x float>* %".250", align 4
  %".252" = mul i64 %"unit", 4
  %".253" = add i64 %".252", 1
  %".254" = add i64 %".244", %".253"
  %".255" = mul i64 %".254", 16
  %".256" = getelementptr float, float* %".8", i64 %".255"
  %".257" = bitcast float* %".256" to <16 x float>*
  %".258" = load <16 x float>, <16 x float>* %".257", align 4
  %".259" = mul i64 %"unit", 4
  %".260" = add i64 %".259", 2
  %".261" = add i64 %".244", %".260"
  %".262" = mul i64 %".261", 16
  %".263" = getelementptr float, float* %".8", i64 %".262"
  %".264" = bitcast float* %".263" to <16 x float>*
  %".265" = load <16 x float>, <16 x float>* %".264", align 4
  %".266" = mul i64 %"unit", 4
  %".267" = add i64 %".266", 3
  %".268" = add i64 %".244", %".267"
  %".269" = mul i64 %".268", 16
  %".270" = getelementptr float, float* %".8", i64 %".269"
  %".271" = bitcast float* %".270" to <16 x float>*
  %".272" = load <16 x float>, <16 x float>* %".271", align 4
  %".273" = add i64 %".127", %"row"
  %".274" = add i64 %".234", %"unit"
  %".275" = mul i64 %".274", 16
  %".276" = mul i64 %".273", %".15"
  %".277" = add i64 %".275", %".276"
  %".278" = getelementptr float, float* %".17", i64 %".277"
  %".279" = bitcast float* %".278" to <16 x float>*
  %".280" = load <16 x float>, <16 x float>* %".279", align 4
  %".281" = fadd contract <16 x float> %".280", %".251"
  %".282" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".281")
  %".283" = fneg <16 x float> %".282"
  %".284" = fcmp olt <16 x float> %".283", splat (float 0xc05a000000000000)
  %".285" = select  <16 x i1> %".284", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".283"
  %".286" = fcmp ogt <16 x float> %".285", splat (float 0x4056600000000000)
  %".287" = select  <16 x i1> %".286", <16 x float> splat (float 0x4056600000000000), <16 x float> %".285"
  %".288" = fmul <16 x float> %".287", splat (float 0x3ff7154760000000)
  %".289" = call <16 x float> @"llvm.rint.v16f32"(<16 x float> %".288")
  %".290" = fneg <16 x float> %".289"
  %".291" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".290", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".287")
  %".292" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".290", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".291")
  %".293" = fmul <16 x float> %".292", %".292"
  %".294" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".292", <16 x float> splat (float 0x3f812106c0000000))
  %".295" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".294", <16 x float> %".292", <16 x float> splat (float 0x3fa5555160000000))
  %".296" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".295", <16 x float> %".292", <16 x float> splat (float 0x3fc5554d80000000))
  %".297" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".296", <16 x float> %".292", <16 x float> splat (float 0x3fe0000000000000))
  %".298" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".293", <16 x float> %".297", <16 x float> %".292")
  %".299" = fadd <16 x float> %".298", splat (float 0x3ff0000000000000)
  %".300" = fptosi <16 x float> %".289" to <16 x i32>
  %".301" = ashr <16 x i32> %".300", splat (i32 1)
  %".302" = add <16 x i32> %".301", splat (i32 127)
  %".303" = shl <16 x i32> %".302", splat (i32 23)
  %".304" = bitcast <16 x i32> %".303" to <16 x float>
  %".305" = fmul <16 x float> %".299", %".304"
  %".306" = sub <16 x i32> %".300", %".301"
  %".307" = add <16 x i32> %".306", splat (i32 127)
  %".308" = shl <16 x i32> %".307", splat (i32 23)
  %".309" = bitcast <16 x i32> %".308" to <16 x float>
  %".310" = fmul <16 x float> %".305", %".309"
  %".311" = fcmp uno <16 x float> %".283", %".283"
  %".312" = select  <16 x i1> %".311", <16 x float> %".283", <16 x float> %".310"
  %".313" = fcmp olt <16 x float> %".281", splat (float              0x0)
  %".314" = select  <16 x i1> %".313", <16 x float> %".312", <16 x float> splat (float 0x3ff0000000000000)
  %".315" = fadd <16 x float> splat (float 0x3ff0000000000000), %".312"
  %".316" = fdiv <16 x float> %".314", %".315"
  %".317" = mul i64 %".274", 16
  %".318" = mul i64 %".273", %".67"
  %".319" = add i64 %".317", %".318"
  %".320" = getelementptr float, float* %".69", i64 %".319"
  %".321" = bitcast float* %".320" to <16 x float>*
  store <16 x float> %".316", <16 x float>* %".321", align 4
  %".323" = mul i64 %".274", 16
  %".324" = mul i64 %".273", %".21"
  %".325" = add i64 %".323", %".324"
  %".326" = getelementptr float, float* %".23", i64 %".325"
  %".327" = bitcast float* %".326" to <16 x float>*
  %".328" = load <16 x float>, <16 x float>* %".327", align 4
  %".329" = fadd contract <16 x float> %".328", %".258"
  %".330" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".329")
  %".331" = fneg <16 x float> %".330"
  %".332" = fcmp olt <16 x float> %".331", splat (float 0xc05a000000000000)
  %".333" = select  <16 x i1> %".332", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".331"
  %".334" = fcmp ogt <16 x float> %".333", splat (float 0x4056600000000000)
  %".335" = select  <16 x i1> %".334", <16 x float> splat (float 0x4056600000000000), <16 x float> %".333"
  %".336" = fmul <16 x float> %".335", splat (float 0x3ff7154760000000)
  %".337" = call <16 x float> @"llvm.rint.v16f32"(<16 x float> %".336")
  %".338" = fneg <16 x float> %".337"
  %".339" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".338", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".335")
  %".340" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".338", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".339")
  %".341" = fmul <16 x float> %".340", %".340"
  %".342" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".340", <16 x float> splat (float 0x3f812106c0000000))
  %".343" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".342", <16 x float> %".340", <16 x float> splat (float 0x3fa5555160000000))
  %".344" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".343", <16 x float> %".340", <16 x float> splat (float 0x3fc5554d80000000))
  %".345" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".344", <16 x float> %".340", <16 x float> splat (float 0x3fe0000000000000))
  %".346" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".341", <16 x float> %".345", <16 x float> %".340")
  %".347" = fadd <16 x float> %".346", splat (float 0x3ff0000000000000)
  %".348" = fptosi <16 x float> %".337" to <16 x i32>
  %".349" = ashr <16 x i32> %".348", splat (i32 1)
  %".350" = add <16 x i32> %".349", splat (i32 127)
  %".351" = shl <16 x i32> %".350", splat (i32 23)
  %".352" = bitcast <16 x i32> %".351" to <16 x float>
  %".353" = fmul <16 x float> %".347", %".352"
  %".354" = sub <16 x i32> %".348", %".349"
  %".355" = add <16 x i32> %".354", splat (i32 127)
  %".356" = shl <16 x i32> %".355", splat (i32 23)
  %".357" = bitcast <16 x i32> %".356" to <16 x float>
  %".358" = fmul <16 x float> %".353", %".357"
  %".359" = fcmp uno <16 x float> %".331", %".331"
  %".360" = select  <16 x i1> %".359", <16 x float> %".331", <16 x float> %".358"
  %".361" = fcmp olt <16 x float> %".329", splat (float              0x0)
  %".362" = select  <16 x i1> %".361", <16 x float> %".360", <16 x float> splat (float 0x3ff0000000000000)
  %".363" = fadd <16 x float> splat (float 0x3ff0000000000000), %".360"
  %".364" = fdiv <16 x float> %".362", %".363"
  %".365" = mul i64 %".274", 16
  %".366" = mul i64 %".273", %".73"
  %".367" = add i64 %".365", %".366"
  %".368" = getelementptr float, float* %".75", i64 %".367"
  %".369" = bitcast float* %".368" to <16 x float>*
  store <16 x float> %".364", <16 x float>* %".369", align 4
  %".371" = mul i64 %".274", 16
  %".372" = mul i64 %".273", %".61"
  %".373" = add i64 %".371", %".372"
  %".374" = getelementptr float, float* %".63", i64 %".373"
  %".375" = bitcast float* %".374" to <16 x float>*
  %".376" = load <16 x float>, <16 x float>* %".375", align 4
  %".377" = fmul contract <16 x float> %".364", %".376"
  %".378" = mul i64 %".274", 16
  %".379" = mul i64 %".273", %".27"
  %".380" = add i64 %".378", %".379"
  %".381" = getelementptr float, float* %".29", i64 %".380"
  %".382" = bitcast float* %".381" to <16 x float>*
  %".383" = load <16 x float>, <16 x float>* %".382", align 4
  %".384" = fadd contract <16 x float> %".383", %".265"
  %".385" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".384")
  %".386" = fneg <16 x float> %".385"
  %".387" = fcmp olt <16 x float> %".386", splat (float 0xc05a000000000000)
  %".388" = select  <16 x i1> %".387", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".386"
  %".389" = fcmp ogt <16 x float> %".388", splat (float 0x4056600000000000)
  %".390" = select  <16 x i1> %".389", <16 x float> splat (float 0x4056600000000000), <16 x float> %".388"
  %".391" = fmul <16 x float> %".390", splat (float 0x3ff7154760000000)
  %".392" = call <16 x float> @"llvm.rint.v16f32"(<16 x float> %".391")
  %".393" = fneg <16 x float> %".392"
  %".394" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".393", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".390")
  %".395" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".393", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".394")
  %".396" = fmul <16 x float> %".395", %".395"
  %".397" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".395", <16 x float> splat (float 0x3f812106c0000000))
  %".398" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".397", <16 x float> %".395", <16 x float> splat (float 0x3fa5555160000000))
  %".399" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".398", <16 x float> %".395", <16 x float> splat (float 0x3fc5554d80000000))
  %".400" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".399", <16 x float> %".395", <16 x float> splat (float 0x3fe0000000000000))
  %".401" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".396", <16 x float> %".400", <16 x float> %".395")
  %".402" = fadd <16 x float> %".401", splat (float 0x3ff0000000000000)
  %".403" = fptosi <16 x float> %".392" to <16 x i32>
  %".404" = ashr <16 x i32> %".403", splat (i32 1)
  %".405" = add <16 x i32> %".404", splat (i32 127)
  %".406" = shl <16 x i32> %".405", splat (i32 23)
  %".407" = bitcast <16 x i32> %".406" to <16 x float>
  %".408" = fmul <16 x float> %".402", %".407"
  %".409" = sub <16 x i32> %".403", %".404"
  %".410" = add <16 x i32> %".409", splat (i32 127)
  %".411" = shl <16 x i32> %".410", splat (i32 23)
  %".412" = bitcast <16 x i32> %".411" to <16 x float>
  %".413" = fmul <16 x float> %".408", %".412"
  %".414" = fcmp uno <16 x float> %".386", %".386"
  %".415" = select  <16 x i1> %".414", <16 x float> %".386", <16 x float> %".413"
  %".416" = fcmp olt <16 x float> %".384", splat (float              0x0)
  %".417" = select  <16 x i1> %".416", <16 x float> %".415", <16 x float> splat (float 0x3ff0000000000000)
  %".418" = fadd <16 x float> splat (float 0x3ff0000000000000), %".415"
  %".419" = fdiv <16 x float> %".417", %".418"
  %".420" = mul i64 %".274", 16
  %".421" = mul i64 %".273", %".79"
  %".422" = add i64 %".420", %".421"
  %".423" = getelementptr float, float* %".81", i64 %".422"
  %".424" = bitcast float* %".423" to <16 x float>*
  store <16 x float> %".419", <16 x float>* %".424", align 4
  %".426" = mul i64 %".274", 16
  %".427" = mul i64 %".273", %".33"
  %".428" = add i64 %".426", %".427"
  %".429" = getelementptr float, float* %".35", i64 %".428"
  %".430" = bitcast float* %".429" to <16 x float>*
  %".431" = load <16 x float>, <16 x float>* %".430", align 4
  %".432" = fadd contract <16 x float> %".431", %".272"
  %".433" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".432")
  %".434" = fmul <16 x float> %".432", %".432"
  %".435" = fmul <16 x float> %".434", %".432"
  %".436" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".434", <16 x float> splat (float 0x3f958048e0000000))
  %".437" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".436", <16 x float> %".434", <16 x float> splat (float 0xbfab9258a0000000))
  %".438" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".437", <16 x float> %".434", <16 x float> splat (float 0x3fc110e1c0000000))
  %".439" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".438", <16 x float> %".434", <16 x float> splat (float 0xbfd5555520000000))
  %".440" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".435", <16 x float> %".439", <16 x float> %".432")
  %".441" = fadd <16 x float> %".433", %".433"
  %".442" = fcmp olt <16 x float> %".441", splat (float 0xc05a000000000000)
  %".443" = select  <16 x i1> %".442", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".441"
  %".444" = fcmp ogt <16 x float> %".443", splat (float 0x4056600000000000)
  %".445" = select  <16 x i1> %".444", <16 x float> splat (float 0x4056600000000000), <16 x float> %".443"
  %".446" = fmul <16 x float> %".445", splat (float 0x3ff7154760000000)
  %".447" = call <16 x float> @"llvm.rint.v16f32"(<16 x float> %".446")
  %".448" = fneg <16 x float> %".447"
  %".449" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".448", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".445")
  %".450" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".448", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".449")
  %".451" = fmul <16 x float> %".450", %".450"
  %".452" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".450", <16 x float> splat (float 0x3f812106c0000000))
  %".453" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".452", <16 x float> %".450", <16 x float> splat (float 0x3fa5555160000000))
  %".454" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".453", <16 x float> %".450", <16 x float> splat (float 0x3fc5554d80000000))
  %".455" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".454", <16 x float> %".450", <16 x float> splat (float 0x3fe0000000000000))
  %".456" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".451", <16 x float> %".455", <16 x float> %".450")
  %".457" = fadd <16 x float> %".456", splat (float 0x3ff0000000000000)
  %".458" = fptosi <16 x float> %".447" to <16 x i32>
  %".459" = ashr <16 x i32> %".458", splat (i32 1)
  %".460" = add <16 x i32> %".459", splat (i32 127)
  %".461" = shl <16 x i32> %".460", splat (i32 23)
  %".462" = bitcast <16 x i32> %".461" to <16 x float>
  %".463" = fmul <16 x float> %".457", %".462"
  %".464" = sub <16 x i32> %".458", %".459"
  %".465" = add <16 x i32> %".464", splat (i32 127)
  %".466" = shl <16 x i32> %".465", splat (i32 23)
  %".467" = bitcast <16 x i32> %".466" to <16 x float>
  %".468" = fmul <16 x float> %".463", %".467"
  %".469" = fcmp uno <16 x float> %".441", %".441"
  %".470" = select  <16 x i1> %".469", <16 x float> %".441", <16 x float> %".468"
  %".471" = fadd <16 x float> %".470", splat (float 0x3ff0000000000000)
  %".472" = fdiv <16 x float> splat (float 0x4000000000000000), %".471"
  %".473" = fsub <16 x float> splat (float 0x3ff0000000000000), %".472"
  %".474" = fcmp olt <16 x float> %".433", splat (float 0x3fe4000000000000)
  %".475" = select  <16 x i1> %".474", <16 x float> %".440", <16 x float> %".473"
  %".476" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".475", <16 x float> %".432")
  %".477" = mul i64 %".274", 16
  %".478" = mul i64 %".273", %".85"
  %".479" = add i64 %".477", %".478"
  %".480" = getelementptr float, float* %".87", i64 %".479"
  %".481" = bitcast float* %".480" to <16 x float>*
  store <16 x float> %".476", <16 x float>* %".481", align 4
  %".483" = fmul contract <16 x float> %".419", %".476"
  %".484" = fadd contract <16 x float> %".377", %".483"
  %".485" = mul i64 %".274", 16
  %".486" = mul i64 %".273", %".91"
  %".487" = add i64 %".485", %".486"
  %".488" = getelementptr float, float* %".93", i64 %".487"
  %".489" = bitcast float* %".488" to <16 x float>*
  store <16 x float> %".484", <16 x float>* %".489", align 4
  %".491" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".484")
  %".492" = fmul <16 x float> %".484", %".484"
  %".493" = fmul <16 x float> %".492", %".484"
  %".494" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".492", <16 x float> splat (float 0x3f958048e0000000))
  %".495" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".494", <16 x float> %".492", <16 x float> splat (float 0xbfab9258a0000000))
  %".496" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".495", <16 x float> %".492", <16 x float> splat (float 0x3fc110e1c0000000))
  %".497" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".496", <16 x float> %".492", <16 x float> splat (float 0xbfd5555520000000))
  %".498" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".493", <16 x float> %".497", <16 x float> %".484")
  %".499" = fadd <16 x float> %".491", %".491"
  %".500" = fcmp olt <16 x float> %".499", splat (float 0xc05a000000000000)
  %".501" = select  <16 x i1> %".500", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".499"
  %".502" = fcmp ogt <16 x float> %".501", splat (float 0x4056600000000000)
  %".503" = select  <16 x i1> %".502", <16 x float> splat (float 0x4056600000000000), <16 x float> %".501"
  %".504" = fmul <16 x float> %".503", splat (float 0x3ff7154760000000)
  %".505" = call <16 x float> @"llvm.rint.v16f32"(<16 x float> %".504")
  %".506" = fneg <16 x float> %".505"
  %".507" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".506", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".503")
  %".508" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".506", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".507")
  %".509" = fmul <16 x float> %".508", %".508"
  %".510" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".508", <16 x float> splat (float 0x3f812106c0000000))
  %".511" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".510", <16 x float> %".508", <16 x float> splat (float 0x3fa5555160000000))
  %".512" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".511", <16 x float> %".508", <16 x float> splat (float 0x3fc5554d80000000))
  %".513" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".512", <16 x float> %".508", <16 x float> splat (float 0x3fe0000000000000))
  %".514" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".509", <16 x float> %".513", <16 x float> %".508")
  %".515" = fadd <16 x float> %".514", splat (float 0x3ff0000000000000)
  %".516" = fptosi <16 x float> %".505" to <16 x i32>
  %".517" = ashr <16 x i32> %".516", splat (i32 1)
  %".518" = add <16 x i32> %".517", splat (i32 127)
  %".519" = shl <16 x i32> %".518", splat (i32 23)
  %".520" = bitcast <16 x i32> %".519" to <16 x float>
  %".521" = fmul <16 x float> %".515", %".520"
  %".522" = sub <16 x i32> %".516", %".517"
  %".523" = add <16 x i32> %".522", splat (i32 127)
  %".524" = shl <16 x i32> %".523", splat (i32 23)
  %".525" = bitcast <16 x i32> %".524" to <16 x float>
  %".526" = fmul <16 x float> %".521", %".525"
  %".527" = fcmp uno <16 x float> %".499", %".499"
  %".528" = select  <16 x i1> %".527", <16 x float> %".499", <16 x float> %".526"
  %".529" = fadd <16 x float> %".528", splat (float 0x3ff0000000000000)
  %".530" = fdiv <16 x float> splat (float 0x4000000000000000), %".529"
  %".531" = fsub <16 x float> splat (float 0x3ff0000000000000), %".530"
  %".532" = fcmp olt <16 x float> %".491", splat (float 0x3fe4000000000000)
  %".533" = select  <16 x i1> %".532", <16 x float> %".498", <16 x float> %".531"
  %".534" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".533", <16 x float> %".484")
  %".535" = mul i64 %".274", 16
  %".536" = mul i64 %".273", %".97"
  %".537" = add i64 %".535", %".536"
  %".538" = getelementptr float, float* %".99", i64 %".537"
  %".539" = bitcast float* %".538" to <16 x float>*
  store <16 x float> %".534", <16 x float>* %".539", align 4
  %".541" = fmul contract <16 x float> %".316", %".534"
  %".542" = mul i64 %".274", 16
  %".543" = mul i64 %".273", %".103"
  %".544" = add i64 %".542", %".543"
  %".545" = getelementptr float, float* %".105", i64 %".544"
  %".546" = bitcast float* %".545" to <16 x float>*
  store <16 x float> %".541", <16 x float>* %".546", align 4
  %".548" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".550" = add i64 %"row", 1
  br label %"row.head"
}

declare <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".1")

declare <16 x float> @"llvm.rint.v16f32"(<16 x float> %".1")

declare <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".1", <16 x float> %".2", <16 x float> %".3")

declare <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".1", <16 x float> %".2")

define void @"elman_run"(float** %".1", i64* %".2", i64* %".3", i64* %".4", i64 %".5", i64 %".6", i64 %".7", float* %".8")
{
entry:
  br label %"segment.head"
segment.head:
  %"segment" = phi  i64 [0, %"entry"], [%".43", %"segment.body.endif"]
  %".11" = icmp slt i64 %"segment", %".5"
  br i1 %".11", label %"segment.body", label %"segment.end"
segment.body:
  %".13" = mul i64 %"segment", 5
  %".14" = add i64 %".13", 0
  %".15" = getelementptr i64, i64* %".4", i64 %".14"
  %".16" = load i64, i64* %".15"
  %".17" = add i64 %".13", 1
  %".18" = getelementptr i64, i64* %".4", i64 %".17"
  %".19" = load i64, i64* %".18"
  %".20" = add i64 %".13", 2
  %".21" = getelementptr i64, i64* %".4", i64 %".20"
  %".22" = load i64, i64* %".21"
  %".23" = add i64 %".13", 3
  %".24" = getelementptr i64, i64* %".4", i64 %".23"
  %".25" = load i64, i64* %".24"
  %".26" = add i64 %".13", 4
  %".27" = getelementptr i64, i64* %".4", i64 %".26"
  %".28" = load i64, i64* %".27"
  %".29" = icmp sgt i64 %".6", %".25"
  %".30" = select  i1 %".29", i64 %".6", i64 %".25"
  %".31" = add i64 %".25", %".28"
  %".32" = icmp slt i64 %".7", %".31"
  %".33" = select  i1 %".32", i64 %".7", i64 %".31"
  %".34" = icmp slt i64 %".30", %".33"
  br i1 %".34", label %"segment.body.if", label %"segment.body.endif"
segment.end:
  ret void
segment.body.if:
  %".36" = sub i64 %".30", %".25"
  %".37" = add i64 %".16", %".36"
  %".38" = add i64 %".19", %".36"
  %".39" = add i64 %".22", %".36"
  %".40" = sub i64 %".33", %".30"
  call void @"step"(float** %".1", i64* %".2", i64* %".3", i64 %".37", i64 %".38", i64 %".39", i64 %".40", float* %".8")
  br label %"segment.body.endif"
segment.body.endif:
  %".43" = add i64 %"segment", 1
  br label %"segment.head"
}

define void @"elman_worker"(i64* %".1")
{
entry:
  %".3" = getelementptr i64, i64* %".1", i64 0
  %".4" = load i64, i64* %".3"
  %".5" = getelementptr i64, i64* %".1", i64 1
  %".6" = load i64, i64* %".5"
  %".7" = getelementptr i64, i64* %".1", i64 2
  %".8" = load i64, i64* %".7"
  %".9" = getelementptr i64, i64* %".1", i64 3
  %".10" = load i64, i64* %".9"
  %".11" = getelementptr i64, i64* %".1", i64 4
  %".12" = load i64, i64* %".11"
  %".13" = getelementptr i64, i64* %".1", i64 5
  %".14" = load i64, i64* %".13"
  %".15" = getelementptr i64, i64* %".1", i64 6
  %".16" = load i64, i64* %".15"
  %".17" = getelementptr i64, i64* %".1", i64 7
  %".18" = load i64, i64* %".17"
  %".19" = getelementptr i64, i64* %".1", i64 8
  %".20" = load i64, i64* %".19"
  %".21" = getelementptr i64, i64* %".1", i64 9
  %".22" = load i64, i64* %".21"
  %".23" = getelementptr i64, i64* %".1", i64 10
  %".24" = load i64, i64* %".23"
  %".25" = icmp ne i64 %".4", 0
  br i1 %".25", label %"entry.if", label %"entry.endif"
entry.if:
  %".27" = inttoptr i64 %".4" to i32 ()*
  %".28" = call i32 %".27"()
  %".29" = sext i32 %".28" to i64
  br label %"entry.endif"
entry.endif:
  %".31" = phi  i64 [0, %"entry"], [%".29", %"entry.if"]
  %".32" = icmp ne i64 %".6", 0
  br i1 %".32", label %"entry.endif.if", label %"entry.endif.endif"
entry.endif.if:
  %".34" = inttoptr i64 %".6" to i32 ()*
  %".35" = call i32 %".34"()
  %".36" = sext i32 %".35" to i64
  br label %"entry.endif.endif"
entry.endif.endif:
  %".38" = phi  i64 [1, %"entry.endif"], [%".36", %"entry.endif.if"]
  %".39" = inttoptr i64 %".10" to float**
  %".40" = inttoptr i64 %".12" to i64*
  %".41" = inttoptr i64 %".14" to i64*
  %".42" = inttoptr i64 %".16" to i64*
  %".43" = inttoptr i64 %".20" to i64*
  %".44" = sub i64 %".38", 1
  %".45" = add i64 %".8", %".44"
  %".46" = sub i64 %".45", %".31"
  %".47" = sdiv i64 %".46", %".38"
  br label %"part.head"
part.head:
  %"part" = phi  i64 [0, %"entry.endif.endif"], [%".62", %"part.body"]
  %".49" = icmp slt i64 %"part", %".47"
  br i1 %".49", label %"part.body", label %"part.end"
part.body:
  %".51" = mul i64 %"part", %".38"
  %".52" = add i64 %".31", %".51"
  %".53" = getelementptr i64, i64* %".43", i64 %".52"
  %".54" = load i64, i64* %".53"
  %".55" = add i64 %".52", 1
  %".56" = getelementptr i64, i64* %".43", i64 %".55"
  %".57" = load i64, i64* %".56"
  %".58" = inttoptr i64 %".24" to float*
  %".59" = mul i64 %".52", %".22"
  %".60" = getelementptr float, float* %".58", i64 %".59"
  call void @"elman_run"(float** %".39", i64* %".40", i64* %".41", i64* %".42", i64 %".18", i64 %".54", i64 %".57", float* %".60")
  %".62" = add i64 %"part", 1
  br label %"part.head"
part.end:
  ret void
}
