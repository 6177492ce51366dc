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
  %"block" = phi  i64 [0, %"entry"], [%".493", %"tile.end"]
  %".119" = icmp slt i64 %"block", %".111"
  br i1 %".119", label %"block.body", label %"block.end"
block.body:
  br label %"tile.head"
block.end:
  ret void
tile.head:
  %"tile" = phi  i64 [0, %"block.body"], [%".491", %"row.end"]
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
  %".493" = add i64 %"block", 1
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
  %"row" = phi  i64 [0, %"products.end"], [%".489", %"unit.end"]
  %".239" = icmp slt i64 %"row", %".130"
  br i1 %".239", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  %".491" = add i64 %"tile", 1
  br label %"tile.head"
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".487", %"unit.body"]
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
  %".286" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".285", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".287" = fsub <16 x float> %".286", splat (float 0x4168000000000000)
  %".288" = fneg <16 x float> %".287"
  %".289" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".288", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".285")
  %".290" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".288", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".289")
  %".291" = bitcast <16 x float> %".286" to <16 x i32>
  %".292" = fmul <16 x float> %".290", %".290"
  %".293" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".290", <16 x float> splat (float 0x3f812106c0000000))
  %".294" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".293", <16 x float> %".290", <16 x float> splat (float 0x3fa5555160000000))
  %".295" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".294", <16 x float> %".290", <16 x float> splat (float 0x3fc5554d80000000))
  %".296" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".295", <16 x float> %".290", <16 x float> splat (float 0x3fe0000000000000))
  %".297" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".292", <16 x float> %".296", <16 x float> %".290")
  %".298" = fadd <16 x float> %".297", splat (float 0x3ff0000000000000)
  %".299" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".298", <16 x float> %".287", <16 x float> %".298", i16 -1, i32 4)
  %".300" = fcmp olt <16 x float> %".281", splat (float              0x0)
  %".301" = select  <16 x i1> %".300", <16 x float> %".299", <16 x float> splat (float 0x3ff0000000000000)
  %".302" = fadd <16 x float> splat (float 0x3ff0000000000000), %".299"
  %".303" = fdiv <16 x float> %".301", %".302"
  %".304" = mul i64 %".274", 16
  %".305" = mul i64 %".273", %".67"
  %".306" = add i64 %".304", %".305"
  %".307" = getelementptr float, float* %".69", i64 %".306"
  %".308" = bitcast float* %".307" to <16 x float>*
  store <16 x float> %".303", <16 x float>* %".308", align 4
  %".310" = mul i64 %".274", 16
  %".311" = mul i64 %".273", %".21"
  %".312" = add i64 %".310", %".311"
  %".313" = getelementptr float, float* %".23", i64 %".312"
  %".314" = bitcast float* %".313" to <16 x float>*
  %".315" = load <16 x float>, <16 x float>* %".314", align 4
  %".316" = fadd contract <16 x float> %".315", %".258"
  %".317" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".316")
  %".318" = fneg <16 x float> %".317"
  %".319" = fcmp olt <16 x float> %".318", splat (float 0xc05a000000000000)
  %".320" = select  <16 x i1> %".319", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".318"
  %".321" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".320", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".322" = fsub <16 x float> %".321", splat (float 0x4168000000000000)
  %".323" = fneg <16 x float> %".322"
  %".324" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".323", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".320")
  %".325" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".323", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".324")
  %".326" = bitcast <16 x float> %".321" to <16 x i32>
  %".327" = fmul <16 x float> %".325", %".325"
  %".328" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".325", <16 x float> splat (float 0x3f812106c0000000))
  %".329" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".328", <16 x float> %".325", <16 x float> splat (float 0x3fa5555160000000))
  %".330" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".329", <16 x float> %".325", <16 x float> splat (float 0x3fc5554d80000000))
  %".331" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".330", <16 x float> %".325", <16 x float> splat (float 0x3fe0000000000000))
  %".332" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".327", <16 x float> %".331", <16 x float> %".325")
  %".333" = fadd <16 x float> %".332", splat (float 0x3ff0000000000000)
  %".334" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".333", <16 x float> %".322", <16 x float> %".333", i16 -1, i32 4)
  %".335" = fcmp olt <16 x float> %".316", splat (float              0x0)
  %".336" = select  <16 x i1> %".335", <16 x float> %".334", <16 x float> splat (float 0x3ff0000000000000)
  %".337" = fadd <16 x float> splat (float 0x3ff0000000000000), %".334"
  %".338" = fdiv <16 x float> %".336", %".337"
  %".339" = mul i64 %".274", 16
  %".340" = mul i64 %".273", %".73"
  %".341" = add i64 %".339", %".340"
  %".342" = getelementptr float, float* %".75", i64 %".341"
  %".343" = bitcast float* %".342" to <16 x float>*
  store <16 x float> %".338", <16 x float>* %".343", align 4
  %".345" = mul i64 %".274", 16
  %".346" = mul i64 %".273", %".61"
  %".347" = add i64 %".345", %".346"
  %".348" = getelementptr float, float* %".63", i64 %".347"
  %".349" = bitcast float* %".348" to <16 x float>*
  %".350" = load <16 x float>, <16 x float>* %".349", align 4
  %".351" = fmul contract <16 x float> %".338", %".350"
  %".352" = mul i64 %".274", 16
  %".353" = mul i64 %".273", %".27"
  %".354" = add i64 %".352", %".353"
  %".355" = getelementptr float, float* %".29", i64 %".354"
  %".356" = bitcast float* %".355" to <16 x float>*
  %".357" = load <16 x float>, <16 x float>* %".356", align 4
  %".358" = fadd contract <16 x float> %".357", %".265"
  %".359" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".358")
  %".360" = fneg <16 x float> %".359"
  %".361" = fcmp olt <16 x float> %".360", splat (float 0xc05a000000000000)
  %".362" = select  <16 x i1> %".361", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".360"
  %".363" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".362", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".364" = fsub <16 x float> %".363", splat (float 0x4168000000000000)
  %".365" = fneg <16 x float> %".364"
  %".366" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".365", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".362")
  %".367" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".365", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".366")
  %".368" = bitcast <16 x float> %".363" to <16 x i32>
  %".369" = fmul <16 x float> %".367", %".367"
  %".370" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".367", <16 x float> splat (float 0x3f812106c0000000))
  %".371" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".370", <16 x float> %".367", <16 x float> splat (float 0x3fa5555160000000))
  %".372" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".371", <16 x float> %".367", <16 x float> splat (float 0x3fc5554d80000000))
  %".373" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".372", <16 x float> %".367", <16 x float> splat (float 0x3fe0000000000000))
  %".374" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".369", <16 x float> %".373", <16 x float> %".367")
  %".375" = fadd <16 x float> %".374", splat (float 0x3ff0000000000000)
  %".376" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".375", <16 x float> %".364", <16 x float> %".375", i16 -1, i32 4)
  %".377" = fcmp olt <16 x float> %".358", splat (float              0x0)
  %".378" = select  <16 x i1> %".377", <16 x float> %".376", <16 x float> splat (float 0x3ff0000000000000)
  %".379" = fadd <16 x float> splat (float 0x3ff0000000000000), %".376"
  %".380" = fdiv <16 x float> %".378", %".379"
  %".381" = mul i64 %".274", 16
  %".382" = mul i64 %".273", %".79"
  %".383" = add i64 %".381", %".382"
  %".384" = getelementptr float, float* %".81", i64 %".383"
  %".385" = bitcast float* %".384" to <16 x float>*
  store <16 x float> %".380", <16 x float>* %".385", align 4
  %".387" = mul i64 %".274", 16
  %".388" = mul i64 %".273", %".33"
  %".389" = add i64 %".387", %".388"
  %".390" = getelementptr float, float* %".35", i64 %".389"
  %".391" = bitcast float* %".390" to <16 x float>*
  %".392" = load <16 x float>, <16 x float>* %".391", align 4
  %".393" = fadd contract <16 x float> %".392", %".272"
  %".394" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".393")
  %".395" = fmul <16 x float> %".393", %".393"
  %".396" = fmul <16 x float> %".395", %".393"
  %".397" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".395", <16 x float> splat (float 0x3f958048e0000000))
  %".398" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".397", <16 x float> %".395", <16 x float> splat (float 0xbfab9258a0000000))
  %".399" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".398", <16 x float> %".395", <16 x float> splat (float 0x3fc110e1c0000000))
  %".400" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".399", <16 x float> %".395", <16 x float> splat (float 0xbfd5555520000000))
  %".401" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".396", <16 x float> %".400", <16 x float> %".393")
  %".402" = fadd <16 x float> %".394", %".394"
  %".403" = fcmp ogt <16 x float> %".402", splat (float 0x4056600000000000)
  %".404" = select  <16 x i1> %".403", <16 x float> splat (float 0x4056600000000000), <16 x float> %".402"
  %".405" = fcmp olt <16 x float> %".404", splat (float 0xc05a000000000000)
  %".406" = select  <16 x i1> %".405", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".404"
  %".407" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".406", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".408" = fsub <16 x float> %".407", splat (float 0x4168000000000000)
  %".409" = fneg <16 x float> %".408"
  %".410" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".409", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".406")
  %".411" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".409", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".410")
  %".412" = bitcast <16 x float> %".407" to <16 x i32>
  %".413" = fmul <16 x float> %".411", %".411"
  %".414" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".411", <16 x float> splat (float 0x3f812106c0000000))
  %".415" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".414", <16 x float> %".411", <16 x float> splat (float 0x3fa5555160000000))
  %".416" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".415", <16 x float> %".411", <16 x float> splat (float 0x3fc5554d80000000))
  %".417" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".416", <16 x float> %".411", <16 x float> splat (float 0x3fe0000000000000))
  %".418" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".413", <16 x float> %".417", <16 x float> %".411")
  %".419" = fadd <16 x float> %".418", splat (float 0x3ff0000000000000)
  %".420" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".419", <16 x float> %".408", <16 x float> %".419", i16 -1, i32 4)
  %".421" = fadd <16 x float> %".420", splat (float 0x3ff0000000000000)
  %".422" = fdiv <16 x float> splat (float 0x4000000000000000), %".421"
  %".423" = fsub <16 x float> splat (float 0x3ff0000000000000), %".422"
  %".424" = fcmp olt <16 x float> %".394", splat (float 0x3fe4000000000000)
  %".425" = select  <16 x i1> %".424", <16 x float> %".401", <16 x float> %".423"
  %".426" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".425", <16 x float> %".393")
  %".427" = mul i64 %".274", 16
  %".428" = mul i64 %".273", %".85"
  %".429" = add i64 %".427", %".428"
  %".430" = getelementptr float, float* %".87", i64 %".429"
  %".431" = bitcast float* %".430" to <16 x float>*
  store <16 x float> %".426", <16 x float>* %".431", align 4
  %".433" = fmul contract <16 x float> %".380", %".426"
  %".434" = fadd contract <16 x float> %".351", %".433"
  %".435" = mul i64 %".274", 16
  %".436" = mul i64 %".273", %".91"
  %".437" = add i64 %".435", %".436"
  %".438" = getelementptr float, float* %".93", i64 %".437"
  %".439" = bitcast float* %".438" to <16 x float>*
  store <16 x float> %".434", <16 x float>* %".439", align 4
  %".441" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".434")
  %".442" = fmul <16 x float> %".434", %".434"
  %".443" = fmul <16 x float> %".442", %".434"
  %".444" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".442", <16 x float> splat (float 0x3f958048e0000000))
  %".445" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".444", <16 x float> %".442", <16 x float> splat (float 0xbfab9258a0000000))
  %".446" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".445", <16 x float> %".442", <16 x float> splat (float 0x3fc110e1c0000000))
  %".447" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".446", <16 x float> %".442", <16 x float> splat (float 0xbfd5555520000000))
  %".448" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".443", <16 x float> %".447", <16 x float> %".434")
  %".449" = fadd <16 x float> %".441", %".441"
  %".450" = fcmp ogt <16 x float> %".449", splat (float 0x4056600000000000)
  %".451" = select  <16 x i1> %".450", <16 x float> splat (float 0x4056600000000000), <16 x float> %".449"
  %".452" = fcmp olt <16 x float> %".451", splat (float 0xc05a000000000000)
  %".453" = select  <16 x i1> %".452", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".451"
  %".454" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".453", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".455" = fsub <16 x float> %".454", splat (float 0x4168000000000000)
  %".456" = fneg <16 x float> %".455"
  %".457" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".456", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".453")
  %".458" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".456", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".457")
  %".459" = bitcast <16 x float> %".454" to <16 x i32>
  %".460" = fmul <16 x float> %".458", %".458"
  %".461" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".458", <16 x float> splat (float 0x3f812106c0000000))
  %".462" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".461", <16 x float> %".458", <16 x float> splat (float 0x3fa5555160000000))
  %".463" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".462", <16 x float> %".458", <16 x float> splat (float 0x3fc5554d80000000))
  %".464" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".463", <16 x float> %".458", <16 x float> splat (float 0x3fe0000000000000))
  %".465" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".460", <16 x float> %".464", <16 x float> %".458")
  %".466" = fadd <16 x float> %".465", splat (float 0x3ff0000000000000)
  %".467" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".466", <16 x float> %".455", <16 x float> %".466", i16 -1, i32 4)
  %".468" = fadd <16 x float> %".467", splat (float 0x3ff0000000000000)
  %".469" = fdiv <16 x float> splat (float 0x4000000000000000), %".468"
  %".470" = fsub <16 x float> splat (float 0x3ff0000000000000), %".469"
  %".471" = fcmp olt <16 x float> %".441", splat (float 0x3fe4000000000000)
  %".472" = select  <16 x i1> %".471", <16 x float> %".448", <16 x float> %".470"
  %".473" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".472", <16 x float> %".434")
  %".474" = mul i64 %".274", 16
  %".475" = mul i64 %".273", %".97"
  %".476" = add i64 %".474", %".475"
  %".477" = getelementptr float, float* %".99", i64 %".476"
  %".478" = bitcast float* %".477" to <16 x float>*
  store <16 x float> %".473", <16 x float>* %".478", align 4
  %".480" = fmul contract <16 x float> %".303", %".473"
  %".481" = mul i64 %".274", 16
  %".482" = mul i64 %".273", %".103"
  %".483" = add i64 %".481", %".482"
  %".484" = getelementptr float, float* %".105", i64 %".483"
  %".485" = bitcast float* %".484" to <16 x float>*
  store <16 x float> %".480", <16 x float>* %".485", align 4
  %".487" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".489" = add i64 %"row", 1
  br label %"row.head"
}

declare <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".1")

declare <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".1", <16 x float> %".2", <16 x float> %".3")

declare <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".1", <16 x float> %".2", <16 x float> %".3", i16 %".4", i32 %".5")

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
