; ModuleID = "lstm"
target triple = "x86_64-unknown-linux-gnu"
target datalayout = ""

declare void @"elman_x86-64-v4_float_tile_1"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_2"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_3"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_4"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_5"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

declare void @"elman_x86-64-v4_float_tile_6"(float* %".1", i64 %".2", i64 %".3", float* %".4", float* %".5", i64 %".6", i1 %".7")

@"tiles" = internal constant [6 x void (float*, i64, i64, float*, float*, i64, i1)*] [void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_1", void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_2", void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_3", void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_4", void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_5", void (float*, i64, i64, float*, float*, i64, i1)* @"elman_x86-64-v4_float_tile_6"]
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
  %".40" = mul i64 %".39", %".5"
  %".41" = getelementptr float, float* %".37", i64 %".40"
  %".42" = getelementptr float*, float** %".1", i64 5
  %".43" = load float*, float** %".42"
  %".44" = getelementptr i64, i64* %".2", i64 5
  %".45" = load i64, i64* %".44"
  %".46" = mul i64 %".45", %".5"
  %".47" = getelementptr float, float* %".43", i64 %".46"
  %".48" = getelementptr float*, float** %".1", i64 6
  %".49" = load float*, float** %".48"
  %".50" = getelementptr i64, i64* %".2", i64 6
  %".51" = load i64, i64* %".50"
  %".52" = mul i64 %".51", %".4"
  %".53" = getelementptr float, float* %".49", i64 %".52"
  %".54" = getelementptr float*, float** %".1", i64 7
  %".55" = load float*, float** %".54"
  %".56" = getelementptr i64, i64* %".2", i64 7
  %".57" = load i64, i64* %".56"
  %".58" = mul i64 %".57", %".4"
  %".59" = getelementptr float, float* %".55", i64 %".58"
  %".60" = getelementptr float*, float** %".1", i64 8
  %".61" = load float*, float** %".60"
  %".62" = getelementptr i64, i64* %".2", i64 8
  %".63" = load i64, i64* %".62"
  %".64" = mul i64 %".63", %".4"
  %".65" = getelementptr float, float* %".61", i64 %".64"
  %".66" = getelementptr float*, float** %".1", i64 9
  %".67" = load float*, float** %".66"
  %".68" = getelementptr i64, i64* %".2", i64 9
  %".69" = load i64, i64* %".68"
  %".70" = mul i64 %".69", %".4"
  %".71" = getelementptr float, float* %".67", i64 %".70"
  %".72" = getelementptr float*, float** %".1", i64 10
  %".73" = load float*, float** %".72"
  %".74" = getelementptr i64, i64* %".2", i64 10
  %".75" = load i64, i64* %".74"
  %".76" = mul i64 %".75", %".4"
  %".77" = getelementptr float, float* %".73", i64 %".76"
  %".78" = getelementptr float*, float** %".1", i64 11
  %".79" = load float*, float** %".78"
  %".80" = getelementptr i64, i64* %".2", i64 11
  %".81" = load i64, i64* %".80"
  %".82" = mul i64 %".81", %".4"
  %".83" = getelementptr float, float* %".79", i64 %".82"
  %".84" = getelementptr float*, float** %".1", i64 12
  %".85" = load float*, float** %".84"
  %".86" = getelementptr i64, i64* %".2", i64 12
  %".87" = load i64, i64* %".86"
  %".88" = mul i64 %".87", %".4"
  %".89" = getelementptr float, float* %".85", i64 %".88"
  %".90" = getelementptr float*, float** %".1", i64 13
  %".91" = load float*, float** %".90"
  %".92" = getelementptr i64, i64* %".2", i64 13
  %".93" = load i64, i64* %".92"
  %".94" = add i64 %".11", 15
  %".95" = udiv i64 %".94", 16
  %".96" = add i64 %".11", 15
  %".97" = udiv i64 %".96", 16
  %".98" = add i64 %".7", 5
  %".99" = udiv i64 %".98", 6
  %".100" = udiv i64 %".7", %".99"
  %".101" = urem i64 %".7", %".99"
  br label %"block.head"
block.head:
  %"block" = phi  i64 [0, %"entry"], [%".393", %"tile.end"]
  %".103" = icmp slt i64 %"block", %".95"
  br i1 %".103", label %"block.body", label %"block.end"
block.body:
  br label %"tile.head"
block.end:
  ret void
tile.head:
  %"tile" = phi  i64 [0, %"block.body"], [%".391", %"row.end"]
  %".106" = icmp slt i64 %"tile", %".99"
  br i1 %".106", label %"tile.body", label %"tile.end"
tile.body:
  %".108" = mul i64 %"tile", %".100"
  %".109" = icmp slt i64 %"tile", %".101"
  %".110" = select  i1 %".109", i64 %"tile", i64 %".101"
  %".111" = add i64 %".108", %".110"
  %".112" = icmp slt i64 %"tile", %".101"
  %".113" = zext i1 %".112" to i64
  %".114" = add i64 %".100", %".113"
  %".115" = sub i64 %".114", 1
  %".116" = getelementptr [6 x void (float*, i64, i64, float*, float*, i64, i1)*], [6 x void (float*, i64, i64, float*, float*, i64, i1)*]* @"tiles", i64 0, i64 %".115"
  %".117" = load void (float*, i64, i64, float*, float*, i64, i1)*, void (float*, i64, i64, float*, float*, i64, i1)** %".116"
  %".118" = mul i64 %".111", %".39"
  %".119" = getelementptr float, float* %".41", i64 %".118"
  br label %"column.head"
tile.end:
  %".393" = add i64 %"block", 1
  br label %"block.head"
column.head:
  %"column" = phi  i64 [0, %"tile.body"], [%".132", %"column.body"]
  %".121" = icmp slt i64 %"column", 1
  br i1 %".121", label %"column.body", label %"column.end"
column.body:
  %".123" = mul i64 %"block", 1
  %".124" = add i64 %".123", %"column"
  %".125" = mul i64 %".124", 64
  %".126" = mul i64 %".125", %".11"
  %".127" = getelementptr float, float* %".91", i64 %".126"
  %".128" = mul i64 %"column", 64
  %".129" = add i64 0, %".128"
  %".130" = getelementptr float, float* %".8", i64 %".129"
  call void %".117"(float* %".119", i64 %".39", i64 %".11", float* %".127", float* %".130", i64 64, i1 0)
  %".132" = add i64 %"column", 1
  br label %"column.head"
column.end:
  %".134" = mul i64 %"block", 1
  %".135" = sub i64 %".97", %".134"
  %".136" = icmp slt i64 1, %".135"
  %".137" = select  i1 %".136", i64 1, i64 %".135"
  br label %"row.head"
row.head:
  %"row" = phi  i64 [0, %"column.end"], [%".389", %"unit.end"]
  %".139" = icmp slt i64 %"row", %".114"
  br i1 %".139", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  %".391" = add i64 %"tile", 1
  br label %"tile.head"
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".387", %"unit.body"]
  %".142" = icmp slt i64 %"unit", %".137"
  br i1 %".142", label %"unit.body", label %"unit.end"
unit.body:
  %".144" = mul i64 %"row", 4
  %".145" = mul i64 %"unit", 4
  %".146" = add i64 %".145", 0
  %".147" = add i64 %".144", %".146"
  %".148" = mul i64 %".147", 16
  %".149" = getelementptr float, float* %".8", i64 %".148"
  %".150" = bitcast float* %".149" to <16 x float>*
  %".151" = load <16 x float>, <16 x float>* %".150", align 4
  %".152" = mul i64 %"unit", 4
  %".153" = add i64 %".152", 1
  %".154" = add i64 %".144", %".153"
  %".155" = mul i64 %".154", 16
  %".156" = getelementptr float, float* %".8", i64 %".155"
  %".157" = bitcast float* %".156" to <16 x float>*
  %".158" = load <16 x float>, <16 x float>* %".157", align 4
  %".159" = mul i64 %"unit", 4
  %".160" = add i64 %".159", 2
  %".161" = add i64 %".144", %".160"
  %".162" = mul i64 %".161", 16
  %".163" = getelementptr float, float* %".8", i64 %".162"
  %".164" = bitcast float* %".163" to <16 x float>*
  %".165" = load <16 x float>, <16 x float>* %".164", align 4
  %".166" = mul i64 %"unit", 4
  %".167" = add i64 %".166", 3
  %".168" = add i64 %".144", %".167"
  %".169" = mul i64 %".168", 16
  %".170" = getelementptr float, float* %".8", i64 %".169"
  %".171" = bitcast float* %".170" to <16 x float>*
  %".172" = load <16 x float>, <16 x float>* %".171", align 4
  %".173" = add i64 %".111", %"row"
  %".174" = add i64 %".134", %"unit"
  %".175" = mul i64 %".174", 16
  %".176" = mul i64 %".173", %".15"
  %".177" = add i64 %".175", %".176"
  %".178" = getelementptr float, float* %".17", i64 %".177"
  %".179" = bitcast float* %".178" to <16 x float>*
  %".180" = load <16 x float>, <16 x float>* %".179", align 4
  %".181" = fadd contract <16 x float> %".180", %".151"
  %".182" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".181")
  %".183" = fneg <16 x float> %".182"
  %".184" = fcmp olt <16 x float> %".183", splat (float 0xc05a000000000000)
  %".185" = select  <16 x i1> %".184", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".183"
  %".186" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".185", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".187" = fsub <16 x float> %".186", splat (float 0x4168000000000000)
  %".188" = fneg <16 x float> %".187"
  %".189" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".188", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".185")
  %".190" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".188", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".189")
  %".191" = bitcast <16 x float> %".186" to <16 x i32>
  %".192" = fmul <16 x float> %".190", %".190"
  %".193" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".190", <16 x float> splat (float 0x3f812106c0000000))
  %".194" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".193", <16 x float> %".190", <16 x float> splat (float 0x3fa5555160000000))
  %".195" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".194", <16 x float> %".190", <16 x float> splat (float 0x3fc5554d80000000))
  %".196" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".195", <16 x float> %".190", <16 x float> splat (float 0x3fe0000000000000))
  %".197" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".192", <16 x float> %".196", <16 x float> %".190")
  %".198" = fadd <16 x float> %".197", splat (float 0x3ff0000000000000)
  %".199" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".198", <16 x float> %".187", <16 x float> %".198", i16 -1, i32 4)
  %".200" = fcmp olt <16 x float> %".181", splat (float              0x0)
  %".201" = select  <16 x i1> %".200", <16 x float> %".199", <16 x float> splat (float 0x3ff0000000000000)
  %".202" = fadd <16 x float> splat (float 0x3ff0000000000000), %".199"
  %".203" = fdiv <16 x float> %".201", %".202"
  %".204" = mul i64 %".174", 16
  %".205" = mul i64 %".173", %".51"
  %".206" = add i64 %".204", %".205"
  %".207" = getelementptr float, float* %".53", i64 %".206"
  %".208" = bitcast float* %".207" to <16 x float>*
  store <16 x float> %".203", <16 x float>* %".208", align 4
  %".210" = mul i64 %".174", 16
  %".211" = mul i64 %".173", %".21"
  %".212" = add i64 %".210", %".211"
  %".213" = getelementptr float, float* %".23", i64 %".212"
  %".214" = bitcast float* %".213" to <16 x float>*
  %".215" = load <16 x float>, <16 x float>* %".214", align 4
  %".216" = fadd contract <16 x float> %".215", %".158"
  %".217" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".216")
  %".218" = fneg <16 x float> %".217"
  %".219" = fcmp olt <16 x float> %".218", splat (float 0xc05a000000000000)
  %".220" = select  <16 x i1> %".219", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".218"
  %".221" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".220", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".222" = fsub <16 x float> %".221", splat (float 0x4168000000000000)
  %".223" = fneg <16 x float> %".222"
  %".224" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".223", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".220")
  %".225" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".223", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".224")
  %".226" = bitcast <16 x float> %".221" to <16 x i32>
  %".227" = fmul <16 x float> %".225", %".225"
  %".228" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".225", <16 x float> splat (float 0x3f812106c0000000))
  %".229" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".228", <16 x float> %".225", <16 x float> splat (float 0x3fa5555160000000))
  %".230" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".229", <16 x float> %".225", <16 x float> splat (float 0x3fc5554d80000000))
  %".231" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".230", <16 x float> %".225", <16 x float> splat (float 0x3fe0000000000000))
  %".232" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".227", <16 x float> %".231", <16 x float> %".225")
  %".233" = fadd <16 x float> %".232", splat (float 0x3ff0000000000000)
  %".234" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".233", <16 x float> %".222", <16 x float> %".233", i16 -1, i32 4)
  %".235" = fcmp olt <16 x float> %".216", splat (float              0x0)
  %".236" = select  <16 x i1> %".235", <16 x float> %".234", <16 x float> splat (float 0x3ff0000000000000)
  %".237" = fadd <16 x float> splat (float 0x3ff0000000000000), %".234"
  %".238" = fdiv <16 x float> %".236", %".237"
  %".239" = mul i64 %".174", 16
  %".240" = mul i64 %".173", %".57"
  %".241" = add i64 %".239", %".240"
  %".242" = getelementptr float, float* %".59", i64 %".241"
  %".243" = bitcast float* %".242" to <16 x float>*
  store <16 x float> %".238", <16 x float>* %".243", align 4
  %".245" = mul i64 %".174", 16
  %".246" = mul i64 %".173", %".45"
  %".247" = add i64 %".245", %".246"
  %".248" = getelementptr float, float* %".47", i64 %".247"
  %".249" = bitcast float* %".248" to <16 x float>*
  %".250" = load <16 x float>, <16 x float>* %".249", align 4
  %".251" = fmul contract <16 x float> %".238", %".250"
  %".252" = mul i64 %".174", 16
  %".253" = mul i64 %".173", %".27"
  %".254" = add i64 %".252", %".253"
  %".255" = getelementptr float, float* %".29", i64 %".254"
  %".256" = bitcast float* %".255" to <16 x float>*
  %".257" = load <16 x float>, <16 x float>* %".256", align 4
  %".258" = fadd contract <16 x float> %".257", %".165"
  %".259" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".258")
  %".260" = fneg <16 x float> %".259"
  %".261" = fcmp olt <16 x float> %".260", splat (float 0xc05a000000000000)
  %".262" = select  <16 x i1> %".261", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".260"
  %".263" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".262", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".264" = fsub <16 x float> %".263", splat (float 0x4168000000000000)
  %".265" = fneg <16 x float> %".264"
  %".266" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".265", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".262")
  %".267" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".265", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".266")
  %".268" = bitcast <16 x float> %".263" to <16 x i32>
  %".269" = fmul <16 x float> %".267", %".267"
  %".270" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".267", <16 x float> splat (float 0x3f812106c0000000))
  %".271" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".270", <16 x float> %".267", <16 x float> splat (float 0x3fa5555160000000))
  %".272" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".271", <16 x float> %".267", <16 x float> splat (float 0x3fc5554d80000000))
  %".273" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".272", <16 x float> %".267", <16 x float> splat (float 0x3fe0000000000000))
  %".274" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".269", <16 x float> %".273", <16 x float> %".267")
  %".275" = fadd <16 x float> %".274", splat (float 0x3ff0000000000000)
  %".276" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".275", <16 x float> %".264", <16 x float> %".275", i16 -1, i32 4)
  %".277" = fcmp olt <16 x float> %".258", splat (float              0x0)
  %".278" = select  <16 x i1> %".277", <16 x float> %".276", <16 x float> splat (float 0x3ff0000000000000)
  %".279" = fadd <16 x float> splat (float 0x3ff0000000000000), %".276"
  %".280" = fdiv <16 x float> %".278", %".279"
  %".281" = mul i64 %".174", 16
  %".282" = mul i64 %".173", %".63"
  %".283" = add i64 %".281", %".282"
  %".284" = getelementptr float, float* %".65", i64 %".283"
  %".285" = bitcast float* %".284" to <16 x float>*
  store <16 x float> %".280", <16 x float>* %".285", align 4
  %".287" = mul i64 %".174", 16
  %".288" = mul i64 %".173", %".33"
  %".289" = add i64 %".287", %".288"
  %".290" = getelementptr float, float* %".35", i64 %".289"
  %".291" = bitcast float* %".290" to <16 x float>*
  %".292" = load <16 x float>, <16 x float>* %".291", align 4
  %".293" = fadd contract <16 x float> %".292", %".172"
  %".294" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".293")
  %".295" = fmul <16 x float> %".293", %".293"
  %".296" = fmul <16 x float> %".295", %".293"
  %".297" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".295", <16 x float> splat (float 0x3f958048e0000000))
  %".298" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".297", <16 x float> %".295", <16 x float> splat (float 0xbfab9258a0000000))
  %".299" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".298", <16 x float> %".295", <16 x float> splat (float 0x3fc110e1c0000000))
  %".300" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".299", <16 x float> %".295", <16 x float> splat (float 0xbfd5555520000000))
  %".301" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".296", <16 x float> %".300", <16 x float> %".293")
  %".302" = fadd <16 x float> %".294", %".294"
  %".303" = fcmp ogt <16 x float> %".302", splat (float 0x4056600000000000)
  %".304" = select  <16 x i1> %".303", <16 x float> splat (float 0x4056600000000000), <16 x float> %".302"
  %".305" = fcmp olt <16 x float> %".304", splat (float 0xc05a000000000000)
  %".306" = select  <16 x i1> %".305", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".304"
  %".307" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".306", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".308" = fsub <16 x float> %".307", splat (float 0x4168000000000000)
  %".309" = fneg <16 x float> %".308"
  %".310" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".309", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".306")
  %".311" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".309", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".310")
  %".312" = bitcast <16 x float> %".307" to <16 x i32>
  %".313" = fmul <16 x float> %".311", %".311"
  %".314" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".311", <16 x float> splat (float 0x3f812106c0000000))
  %".315" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".314", <16 x float> %".311", <16 x float> splat (float 0x3fa5555160000000))
  %".316" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".315", <16 x float> %".311", <16 x float> splat (float 0x3fc5554d80000000))
  %".317" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".316", <16 x float> %".311", <16 x float> splat (float 0x3fe0000000000000))
  %".318" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".313", <16 x float> %".317", <16 x float> %".311")
  %".319" = fadd <16 x float> %".318", splat (float 0x3ff0000000000000)
  %".320" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".319", <16 x float> %".308", <16 x float> %".319", i16 -1, i32 4)
  %".321" = fadd <16 x float> %".320", splat (float 0x3ff0000000000000)
  %".322" = fdiv <16 x float> splat (float 0x4000000000000000), %".321"
  %".323" = fsub <16 x float> splat (float 0x3ff0000000000000), %".322"
  %".324" = fcmp olt <16 x float> %".294", splat (float 0x3fe4000000000000)
  %".325" = select  <16 x i1> %".324", <16 x float> %".301", <16 x float> %".323"
  %".326" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".325", <16 x float> %".293")
  %".327" = mul i64 %".174", 16
  %".328" = mul i64 %".173", %".69"
  %".329" = add i64 %".327", %".328"
  %".330" = getelementptr float, float* %".71", i64 %".329"
  %".331" = bitcast float* %".330" to <16 x float>*
  store <16 x float> %".326", <16 x float>* %".331", align 4
  %".333" = fmul contract <16 x float> %".280", %".326"
  %".334" = fadd contract <16 x float> %".251", %".333"
  %".335" = mul i64 %".174", 16
  %".336" = mul i64 %".173", %".75"
  %".337" = add i64 %".335", %".336"
  %".338" = getelementptr float, float* %".77", i64 %".337"
  %".339" = bitcast float* %".338" to <16 x float>*
  store <16 x float> %".334", <16 x float>* %".339", align 4
  %".341" = call <16 x float> @"llvm.fabs.v16f32"(<16 x float> %".334")
  %".342" = fmul <16 x float> %".334", %".334"
  %".343" = fmul <16 x float> %".342", %".334"
  %".344" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0xbf78f8de40000000), <16 x float> %".342", <16 x float> splat (float 0x3f958048e0000000))
  %".345" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".344", <16 x float> %".342", <16 x float> splat (float 0xbfab9258a0000000))
  %".346" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".345", <16 x float> %".342", <16 x float> splat (float 0x3fc110e1c0000000))
  %".347" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".346", <16 x float> %".342", <16 x float> splat (float 0xbfd5555520000000))
  %".348" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".343", <16 x float> %".347", <16 x float> %".334")
  %".349" = fadd <16 x float> %".341", %".341"
  %".350" = fcmp ogt <16 x float> %".349", splat (float 0x4056600000000000)
  %".351" = select  <16 x i1> %".350", <16 x float> splat (float 0x4056600000000000), <16 x float> %".349"
  %".352" = fcmp olt <16 x float> %".351", splat (float 0xc05a000000000000)
  %".353" = select  <16 x i1> %".352", <16 x float> splat (float 0xc05a000000000000), <16 x float> %".351"
  %".354" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".353", <16 x float> splat (float 0x3ff7154760000000), <16 x float> splat (float 0x4168000000000000))
  %".355" = fsub <16 x float> %".354", splat (float 0x4168000000000000)
  %".356" = fneg <16 x float> %".355"
  %".357" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".356", <16 x float> splat (float 0x3fe62e0000000000), <16 x float> %".353")
  %".358" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".356", <16 x float> splat (float 0x3f00bfbe80000000), <16 x float> %".357")
  %".359" = bitcast <16 x float> %".354" to <16 x i32>
  %".360" = fmul <16 x float> %".358", %".358"
  %".361" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> splat (float 0x3f56d16060000000), <16 x float> %".358", <16 x float> splat (float 0x3f812106c0000000))
  %".362" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".361", <16 x float> %".358", <16 x float> splat (float 0x3fa5555160000000))
  %".363" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".362", <16 x float> %".358", <16 x float> splat (float 0x3fc5554d80000000))
  %".364" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".363", <16 x float> %".358", <16 x float> splat (float 0x3fe0000000000000))
  %".365" = call <16 x float> @"llvm.fmuladd.v16f32"(<16 x float> %".360", <16 x float> %".364", <16 x float> %".358")
  %".366" = fadd <16 x float> %".365", splat (float 0x3ff0000000000000)
  %".367" = call <16 x float> @"llvm.x86.avx512.mask.scalef.ps.512"(<16 x float> %".366", <16 x float> %".355", <16 x float> %".366", i16 -1, i32 4)
  %".368" = fadd <16 x float> %".367", splat (float 0x3ff0000000000000)
  %".369" = fdiv <16 x float> splat (float 0x4000000000000000), %".368"
  %".370" = fsub <16 x float> splat (float 0x3ff0000000000000), %".369"
  %".371" = fcmp olt <16 x float> %".341", splat (float 0x3fe4000000000000)
  %".372" = select  <16 x i1> %".371", <16 x float> %".348", <16 x float> %".370"
  %".373" = call <16 x float> @"llvm.copysign.v16f32"(<16 x float> %".372", <16 x float> %".334")
  %".374" = mul i64 %".174", 16
  %".375" = mul i64 %".173", %".81"
  %".376" = add i64 %".374", %".375"
  %".377" = getelementptr float, float* %".83", i64 %".376"
  %".378" = bitcast float* %".377" to <16 x float>*
  store <16 x float> %".373", <16 x float>* %".378", align 4
  %".380" = fmul contract <16 x float> %".203", %".373"
  %".381" = mul i64 %".174", 16
  %".382" = mul i64 %".173", %".87"
  %".383" = add i64 %".381", %".382"
  %".384" = getelementptr float, float* %".89", i64 %".383"
  %".385" = bitcast float* %".384" to <16 x float>*
  store <16 x float> %".380", <16 x float>* %".385", align 4
  %".387" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".389" = add i64 %"row", 1
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
  %"segment" = phi  i64 [0, %"entry"], [%".55", %"segment.body.endif"]
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
  %".36" = sub i64 %".33", %".30"
  %".37" = add i64 %".36", 95
  %".38" = udiv i64 %".37", 96
  br label %"rows.head"
segment.body.endif:
  %".55" = add i64 %"segment", 1
  br label %"segment.head"
rows.head:
  %"rows" = phi  i64 [0, %"segment.body.if"], [%".52", %"rows.body"]
  %".40" = icmp slt i64 %"rows", %".38"
  br i1 %".40", label %"rows.body", label %"rows.end"
rows.body:
  %".42" = mul i64 %"rows", 96
  %".43" = sub i64 %".30", %".25"
  %".44" = add i64 %".43", %".42"
  %".45" = add i64 %".16", %".44"
  %".46" = add i64 %".19", %".44"
  %".47" = add i64 %".22", %".44"
  %".48" = sub i64 %".36", %".42"
  %".49" = icmp slt i64 96, %".48"
  %".50" = select  i1 %".49", i64 96, i64 %".48"
  call void @"step"(float** %".1", i64* %".2", i64* %".3", i64 %".45", i64 %".46", i64 %".47", i64 %".50", float* %".8")
  %".52" = add i64 %"rows", 1
  br label %"rows.head"
rows.end:
  br label %"segment.body.endif"
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
