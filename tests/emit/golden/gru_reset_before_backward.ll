; ModuleID = "gru_reset_before_backward"
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
  %".16" = mul i64 %".15", %".6"
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
  %".40" = mul i64 %".39", %".4"
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
  %".88" = getelementptr float*, float** %".1", i64 13
  %".89" = load float*, float** %".88"
  %".90" = getelementptr i64, i64* %".2", i64 13
  %".91" = load i64, i64* %".90"
  %".92" = getelementptr float*, float** %".1", i64 14
  %".93" = load float*, float** %".92"
  %".94" = getelementptr i64, i64* %".2", i64 14
  %".95" = load i64, i64* %".94"
  %".96" = add i64 %".11", 15
  %".97" = udiv i64 %".96", 16
  br label %"row.head"
row.head:
  %"row" = phi  i64 [0, %"entry"], [%".165", %"unit.end"]
  %".99" = icmp slt i64 %"row", %".7"
  br i1 %".99", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  %".167" = add i64 %".11", 63
  %".168" = udiv i64 %".167", 64
  %".169" = add i64 %".11", 15
  %".170" = udiv i64 %".169", 16
  %".171" = add i64 %".7", 5
  %".172" = udiv i64 %".171", 6
  %".173" = udiv i64 %".7", %".172"
  %".174" = urem i64 %".7", %".172"
  br label %"block.head"
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".163", %"unit.body"]
  %".102" = icmp slt i64 %"unit", %".97"
  br i1 %".102", label %"unit.body", label %"unit.end"
unit.body:
  %".104" = mul i64 %"unit", 16
  %".105" = mul i64 %"row", %".39"
  %".106" = add i64 %".104", %".105"
  %".107" = getelementptr float, float* %".41", i64 %".106"
  %".108" = bitcast float* %".107" to <16 x float>*
  %".109" = load <16 x float>, <16 x float>* %".108", align 4
  %".110" = mul i64 %"unit", 16
  %".111" = mul i64 %"row", %".45"
  %".112" = add i64 %".110", %".111"
  %".113" = getelementptr float, float* %".47", i64 %".112"
  %".114" = bitcast float* %".113" to <16 x float>*
  %".115" = load <16 x float>, <16 x float>* %".114", align 4
  %".116" = fadd contract <16 x float> %".109", %".115"
  %".117" = mul i64 %"unit", 16
  %".118" = mul i64 %"row", %".51"
  %".119" = add i64 %".117", %".118"
  %".120" = getelementptr float, float* %".53", i64 %".119"
  %".121" = bitcast float* %".120" to <16 x float>*
  store <16 x float> %".116", <16 x float>* %".121", align 4
  %".123" = mul i64 %"unit", 16
  %".124" = mul i64 %"row", %".21"
  %".125" = add i64 %".123", %".124"
  %".126" = getelementptr float, float* %".23", i64 %".125"
  %".127" = bitcast float* %".126" to <16 x float>*
  %".128" = load <16 x float>, <16 x float>* %".127", align 4
  %".129" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".128"
  %".130" = fmul contract <16 x float> %".116", %".129"
  %".131" = mul i64 %"unit", 16
  %".132" = mul i64 %"row", %".33"
  %".133" = add i64 %".131", %".132"
  %".134" = getelementptr float, float* %".35", i64 %".133"
  %".135" = bitcast float* %".134" to <16 x float>*
  %".136" = load <16 x float>, <16 x float>* %".135", align 4
  %".137" = fmul contract <16 x float> %".136", %".136"
  %".138" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".137"
  %".139" = fmul contract <16 x float> %".130", %".138"
  %".140" = mul i64 %"unit", 16
  %".141" = mul i64 %"row", %".57"
  %".142" = add i64 %".140", %".141"
  %".143" = getelementptr float, float* %".59", i64 %".142"
  %".144" = bitcast float* %".143" to <16 x float>*
  store <16 x float> %".139", <16 x float>* %".144", align 4
  %".146" = mul i64 %"unit", 16
  %".147" = mul i64 %"row", %".15"
  %".148" = add i64 %".146", %".147"
  %".149" = getelementptr float, float* %".17", i64 %".148"
  %".150" = bitcast float* %".149" to <16 x float>*
  %".151" = load <16 x float>, <16 x float>* %".150", align 4
  %".152" = fmul contract <16 x float> %".116", %".151"
  %".153" = fmul contract <16 x float> %".116", %".136"
  %".154" = fsub contract <16 x float> %".152", %".153"
  %".155" = fmul contract <16 x float> %".128", %".129"
  %".156" = fmul contract <16 x float> %".154", %".155"
  %".157" = mul i64 %"unit", 16
  %".158" = mul i64 %"row", %".75"
  %".159" = add i64 %".157", %".158"
  %".160" = getelementptr float, float* %".77", i64 %".159"
  %".161" = bitcast float* %".160" to <16 x float>*
  store <16 x float> %".156", <16 x float>* %".161", align 4
  %".163" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".165" = add i64 %"row", 1
  br label %"row.head"
block.head:
  %"block" = phi  i64 [0, %"row.end"], [%".261", %"tile.end"]
  %".176" = icmp slt i64 %"block", %".168"
  br i1 %".176", label %"block.body", label %"block.end"
block.body:
  br label %"tile.head"
block.end:
  %".263" = add i64 %".11", 63
  %".264" = udiv i64 %".263", 64
  %".265" = add i64 %".11", 15
  %".266" = udiv i64 %".265", 16
  %".267" = add i64 %".7", 5
  %".268" = udiv i64 %".267", 6
  %".269" = udiv i64 %".7", %".268"
  %".270" = urem i64 %".7", %".268"
  br label %"block.head.1"
tile.head:
  %"tile" = phi  i64 [0, %"block.body"], [%".259", %"row.end.1"]
  %".179" = icmp slt i64 %"tile", %".172"
  br i1 %".179", label %"tile.body", label %"tile.end"
tile.body:
  %".181" = mul i64 %"tile", %".173"
  %".182" = icmp slt i64 %"tile", %".174"
  %".183" = select  i1 %".182", i64 %"tile", i64 %".174"
  %".184" = add i64 %".181", %".183"
  %".185" = icmp slt i64 %"tile", %".174"
  %".186" = zext i1 %".185" to i64
  %".187" = add i64 %".173", %".186"
  %".188" = sub i64 %".187", 1
  %".189" = getelementptr [6 x void (float*, i64, i64, float*, float*, i64, i1)*], [6 x void (float*, i64, i64, float*, float*, i64, i1)*]* @"tiles", i64 0, i64 %".188"
  %".190" = load void (float*, i64, i64, float*, float*, i64, i1)*, void (float*, i64, i64, float*, float*, i64, i1)** %".189"
  %".191" = mul i64 %".184", %".57"
  %".192" = getelementptr float, float* %".59", i64 %".191"
  br label %"column.head"
tile.end:
  %".261" = add i64 %"block", 1
  br label %"block.head"
column.head:
  %"column" = phi  i64 [0, %"tile.body"], [%".205", %"column.body"]
  %".194" = icmp slt i64 %"column", 1
  br i1 %".194", label %"column.body", label %"column.end"
column.body:
  %".196" = mul i64 %"block", 1
  %".197" = add i64 %".196", %"column"
  %".198" = mul i64 %".197", 64
  %".199" = mul i64 %".198", %".11"
  %".200" = getelementptr float, float* %".85", i64 %".199"
  %".201" = mul i64 %"column", 64
  %".202" = add i64 0, %".201"
  %".203" = getelementptr float, float* %".8", i64 %".202"
  call void %".190"(float* %".192", i64 %".57", i64 %".11", float* %".200", float* %".203", i64 64, i1 0)
  %".205" = add i64 %"column", 1
  br label %"column.head"
column.end:
  %".207" = mul i64 %"block", 4
  %".208" = sub i64 %".170", %".207"
  %".209" = icmp slt i64 4, %".208"
  %".210" = select  i1 %".209", i64 4, i64 %".208"
  br label %"row.head.1"
row.head.1:
  %"row.1" = phi  i64 [0, %"column.end"], [%".257", %"unit.end.1"]
  %".212" = icmp slt i64 %"row.1", %".187"
  br i1 %".212", label %"row.body.1", label %"row.end.1"
row.body.1:
  br label %"unit.head.1"
row.end.1:
  %".259" = add i64 %"tile", 1
  br label %"tile.head"
unit.head.1:
  %"unit.1" = phi  i64 [0, %"row.body.1"], [%".255", %"unit.body.1"]
  %".215" = icmp slt i64 %"unit.1", %".210"
  br i1 %".215", label %"unit.body.1", label %"unit.end.1"
unit.body.1:
  %".217" = mul i64 %"row.1", 4
  %".218" = mul i64 %"unit.1", 1
  %".219" = add i64 %".218", 0
  %".220" = add i64 %".217", %".219"
  %".221" = mul i64 %".220", 16
  %".222" = getelementptr float, float* %".8", i64 %".221"
  %".223" = bitcast float* %".222" to <16 x float>*
  %".224" = load <16 x float>, <16 x float>* %".223", align 4
  %".225" = add i64 %".184", %"row.1"
  %".226" = add i64 %".207", %"unit.1"
  %".227" = mul i64 %".226", 16
  %".228" = mul i64 %".225", %".63"
  %".229" = add i64 %".227", %".228"
  %".230" = getelementptr float, float* %".65", i64 %".229"
  %".231" = bitcast float* %".230" to <16 x float>*
  store <16 x float> %".224", <16 x float>* %".231", align 4
  %".233" = mul i64 %".226", 16
  %".234" = mul i64 %".225", %".15"
  %".235" = add i64 %".233", %".234"
  %".236" = getelementptr float, float* %".17", i64 %".235"
  %".237" = bitcast float* %".236" to <16 x float>*
  %".238" = load <16 x float>, <16 x float>* %".237", align 4
  %".239" = fmul contract <16 x float> %".224", %".238"
  %".240" = mul i64 %".226", 16
  %".241" = mul i64 %".225", %".27"
  %".242" = add i64 %".240", %".241"
  %".243" = getelementptr float, float* %".29", i64 %".242"
  %".244" = bitcast float* %".243" to <16 x float>*
  %".245" = load <16 x float>, <16 x float>* %".244", align 4
  %".246" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".245"
  %".247" = fmul contract <16 x float> %".245", %".246"
  %".248" = fmul contract <16 x float> %".239", %".247"
  %".249" = mul i64 %".226", 16
  %".250" = mul i64 %".225", %".69"
  %".251" = add i64 %".249", %".250"
  %".252" = getelementptr float, float* %".71", i64 %".251"
  %".253" = bitcast float* %".252" to <16 x float>*
  store <16 x float> %".248", <16 x float>* %".253", align 4
  %".255" = add i64 %"unit.1", 1
  br label %"unit.head.1"
unit.end.1:
  %".257" = add i64 %"row.1", 1
  br label %"row.head.1"
block.head.1:
  %"block.1" = phi  i64 [0, %"block.end"], [%".379", %"tile.end.1"]
  %".272" = icmp slt i64 %"block.1", %".264"
  br i1 %".272", label %"block.body.1", label %"block.end.1"
block.body.1:
  br label %"tile.head.1"
block.end.1:
  ret void
tile.head.1:
  %"tile.1" = phi  i64 [0, %"block.body.1"], [%".377", %"row.end.2"]
  %".275" = icmp slt i64 %"tile.1", %".268"
  br i1 %".275", label %"tile.body.1", label %"tile.end.1"
tile.body.1:
  %".277" = mul i64 %"tile.1", %".269"
  %".278" = icmp slt i64 %"tile.1", %".270"
  %".279" = select  i1 %".278", i64 %"tile.1", i64 %".270"
  %".280" = add i64 %".277", %".279"
  %".281" = icmp slt i64 %"tile.1", %".270"
  %".282" = zext i1 %".281" to i64
  %".283" = add i64 %".269", %".282"
  %".284" = sub i64 %".283", 1
  %".285" = getelementptr [6 x void (float*, i64, i64, float*, float*, i64, i1)*], [6 x void (float*, i64, i64, float*, float*, i64, i1)*]* @"tiles", i64 0, i64 %".284"
  %".286" = load void (float*, i64, i64, float*, float*, i64, i1)*, void (float*, i64, i64, float*, float*, i64, i1)** %".285"
  %".287" = mul i64 %".280", %".69"
  %".288" = getelementptr float, float* %".71", i64 %".287"
  br label %"column.head.1"
tile.end.1:
  %".379" = add i64 %"block.1", 1
  br label %"block.head.1"
column.head.1:
  %"column.1" = phi  i64 [0, %"tile.body.1"], [%".301", %"column.body.1"]
  %".290" = icmp slt i64 %"column.1", 1
  br i1 %".290", label %"column.body.1", label %"column.end.1"
column.body.1:
  %".292" = mul i64 %"block.1", 1
  %".293" = add i64 %".292", %"column.1"
  %".294" = mul i64 %".293", 64
  %".295" = mul i64 %".294", %".11"
  %".296" = getelementptr float, float* %".89", i64 %".295"
  %".297" = mul i64 %"column.1", 64
  %".298" = add i64 0, %".297"
  %".299" = getelementptr float, float* %".8", i64 %".298"
  call void %".286"(float* %".288", i64 %".69", i64 %".11", float* %".296", float* %".299", i64 64, i1 0)
  %".301" = add i64 %"column.1", 1
  br label %"column.head.1"
column.end.1:
  %".303" = mul i64 %".280", %".75"
  %".304" = getelementptr float, float* %".77", i64 %".303"
  br label %"column.head.2"
column.head.2:
  %"column.2" = phi  i64 [0, %"column.end.1"], [%".317", %"column.body.2"]
  %".306" = icmp slt i64 %"column.2", 1
  br i1 %".306", label %"column.body.2", label %"column.end.2"
column.body.2:
  %".308" = mul i64 %"block.1", 1
  %".309" = add i64 %".308", %"column.2"
  %".310" = mul i64 %".309", 64
  %".311" = mul i64 %".310", %".11"
  %".312" = getelementptr float, float* %".93", i64 %".311"
  %".313" = mul i64 %"column.2", 64
  %".314" = add i64 0, %".313"
  %".315" = getelementptr float, float* %".8", i64 %".314"
  call void %".286"(float* %".304", i64 %".75", i64 %".11", float* %".312", float* %".315", i64 64, i1 1)
  %".317" = add i64 %"column.2", 1
  br label %"column.head.2"
column.end.2:
  %".319" = mul i64 %"block.1", 4
  %".320" = sub i64 %".266", %".319"
  %".321" = icmp slt i64 4, %".320"
  %".322" = select  i1 %".321", i64 4, i64 %".320"
  br label %"row.head.2"
row.head.2:
  %"row.2" = phi  i64 [0, %"column.end.2"], [%".375", %"unit.end.2"]
  %".324" = icmp slt i64 %"row.2", %".283"
  br i1 %".324", label %"row.body.2", label %"row.end.2"
row.body.2:
  br label %"unit.head.2"
row.end.2:
  %".377" = add i64 %"tile.1", 1
  br label %"tile.head.1"
unit.head.2:
  %"unit.2" = phi  i64 [0, %"row.body.2"], [%".373", %"unit.body.2"]
  %".327" = icmp slt i64 %"unit.2", %".322"
  br i1 %".327", label %"unit.body.2", label %"unit.end.2"
unit.body.2:
  %".329" = mul i64 %"row.2", 4
  %".330" = mul i64 %"unit.2", 1
  %".331" = add i64 %".330", 0
  %".332" = add i64 %".329", %".331"
  %".333" = mul i64 %".332", 16
  %".334" = getelementptr float, float* %".8", i64 %".333"
  %".335" = bitcast float* %".334" to <16 x float>*
  %".336" = load <16 x float>, <16 x float>* %".335", align 4
  %".337" = add i64 %".280", %"row.2"
  %".338" = add i64 %".319", %"unit.2"
  %".339" = mul i64 %".338", 16
  %".340" = mul i64 %".337", %".63"
  %".341" = add i64 %".339", %".340"
  %".342" = getelementptr float, float* %".65", i64 %".341"
  %".343" = bitcast float* %".342" to <16 x float>*
  %".344" = load <16 x float>, <16 x float>* %".343", align 4
  %".345" = mul i64 %".338", 16
  %".346" = mul i64 %".337", %".27"
  %".347" = add i64 %".345", %".346"
  %".348" = getelementptr float, float* %".29", i64 %".347"
  %".349" = bitcast float* %".348" to <16 x float>*
  %".350" = load <16 x float>, <16 x float>* %".349", align 4
  %".351" = fmul contract <16 x float> %".344", %".350"
  %".352" = fadd contract <16 x float> %".336", %".351"
  %".353" = mul i64 %".338", 16
  %".354" = mul i64 %".337", %".51"
  %".355" = add i64 %".353", %".354"
  %".356" = getelementptr float, float* %".53", i64 %".355"
  %".357" = bitcast float* %".356" to <16 x float>*
  %".358" = load <16 x float>, <16 x float>* %".357", align 4
  %".359" = mul i64 %".338", 16
  %".360" = mul i64 %".337", %".21"
  %".361" = add i64 %".359", %".360"
  %".362" = getelementptr float, float* %".23", i64 %".361"
  %".363" = bitcast float* %".362" to <16 x float>*
  %".364" = load <16 x float>, <16 x float>* %".363", align 4
  %".365" = fmul contract <16 x float> %".358", %".364"
  %".366" = fadd contract <16 x float> %".352", %".365"
  %".367" = mul i64 %".338", 16
  %".368" = mul i64 %".337", %".81"
  %".369" = add i64 %".367", %".368"
  %".370" = getelementptr float, float* %".83", i64 %".369"
  %".371" = bitcast float* %".370" to <16 x float>*
  store <16 x float> %".366", <16 x float>* %".371", align 4
  %".373" = add i64 %"unit.2", 1
  br label %"unit.head.2"
unit.end.2:
  %".375" = add i64 %"row.2", 1
  br label %"row.head.2"
}

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
