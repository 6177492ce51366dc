; ModuleID = "gru_reset_before_backward"
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
  %".34" = getelementptr float*, float** %".1", i64 4
  %".35" = load float*, float** %".34"
  %".36" = getelementptr i64, i64* %".2", i64 4
  %".37" = load i64, i64* %".36"
  %".38" = getelementptr float*, float** %".1", i64 5
  %".39" = load float*, float** %".38"
  %".40" = getelementptr i64, i64* %".2", i64 5
  %".41" = load i64, i64* %".40"
  %".42" = getelementptr float*, float** %".1", i64 6
  %".43" = load float*, float** %".42"
  %".44" = getelementptr i64, i64* %".2", i64 6
  %".45" = load i64, i64* %".44"
  %".46" = mul i64 %".45", %".6"
  %".47" = getelementptr float, float* %".43", i64 %".46"
  %".48" = getelementptr float*, float** %".1", i64 7
  %".49" = load float*, float** %".48"
  %".50" = getelementptr i64, i64* %".2", i64 7
  %".51" = load i64, i64* %".50"
  %".52" = mul i64 %".51", %".4"
  %".53" = getelementptr float, float* %".49", i64 %".52"
  %".54" = getelementptr float*, float** %".1", i64 8
  %".55" = load float*, float** %".54"
  %".56" = getelementptr i64, i64* %".2", i64 8
  %".57" = load i64, i64* %".56"
  %".58" = mul i64 %".57", %".4"
  %".59" = getelementptr float, float* %".55", i64 %".58"
  %".60" = getelementptr float*, float** %".1", i64 9
  %".61" = load float*, float** %".60"
  %".62" = getelementptr i64, i64* %".2", i64 9
  %".63" = load i64, i64* %".62"
  %".64" = mul i64 %".63", %".4"
  %".65" = getelementptr float, float* %".61", i64 %".64"
  %".66" = getelementptr float*, float** %".1", i64 10
  %".67" = load float*, float** %".66"
  %".68" = getelementptr i64, i64* %".2", i64 10
  %".69" = load i64, i64* %".68"
  %".70" = mul i64 %".69", %".4"
  %".71" = getelementptr float, float* %".67", i64 %".70"
  %".72" = getelementptr float*, float** %".1", i64 11
  %".73" = load float*, float** %".72"
  %".74" = getelementptr i64, i64* %".2", i64 11
  %".75" = load i64, i64* %".74"
  %".76" = mul i64 %".75", %".5"
  %".77" = getelementptr float, float* %".73", i64 %".76"
  %".78" = getelementptr float*, float** %".1", i64 12
  %".79" = load float*, float** %".78"
  %".80" = getelementptr i64, i64* %".2", i64 12
  %".81" = load i64, i64* %".80"
  %".82" = mul i64 %".81", %".4"
  %".83" = getelementptr float, float* %".79", i64 %".82"
  %".84" = getelementptr float*, float** %".1", i64 13
  %".85" = load float*, float** %".84"
  %".86" = getelementptr i64, i64* %".2", i64 13
  %".87" = load i64, i64* %".86"
  %".88" = mul i64 %".87", %".4"
  %".89" = getelementptr float, float* %".85", i64 %".88"
  %".90" = getelementptr float*, float** %".1", i64 14
  %".91" = load float*, float** %".90"
  %".92" = getelementptr i64, i64* %".2", i64 14
  %".93" = load i64, i64* %".92"
  %".94" = mul i64 %".93", %".4"
  %".95" = getelementptr float, float* %".91", i64 %".94"
  %".96" = getelementptr float*, float** %".1", i64 15
  %".97" = load float*, float** %".96"
  %".98" = getelementptr i64, i64* %".2", i64 15
  %".99" = load i64, i64* %".98"
  %".100" = mul i64 %".99", %".4"
  %".101" = getelementptr float, float* %".97", i64 %".100"
  %".102" = getelementptr float*, float** %".1", i64 16
  %".103" = load float*, float** %".102"
  %".104" = getelementptr i64, i64* %".2", i64 16
  %".105" = load i64, i64* %".104"
  %".106" = mul i64 %".105", %".4"
  %".107" = getelementptr float, float* %".103", i64 %".106"
  %".108" = getelementptr float*, float** %".1", i64 17
  %".109" = load float*, float** %".108"
  %".110" = getelementptr i64, i64* %".2", i64 17
  %".111" = load i64, i64* %".110"
  %".112" = mul i64 %".111", %".4"
  %".113" = getelementptr float, float* %".109", i64 %".112"
  %".114" = getelementptr float*, float** %".1", i64 18
  %".115" = load float*, float** %".114"
  %".116" = getelementptr i64, i64* %".2", i64 18
  %".117" = load i64, i64* %".116"
  %".118" = getelementptr float*, float** %".1", i64 19
  %".119" = load float*, float** %".118"
  %".120" = getelementptr i64, i64* %".2", i64 19
  %".121" = load i64, i64* %".120"
  %".122" = getelementptr float*, float** %".1", i64 20
  %".123" = load float*, float** %".122"
  %".124" = getelementptr i64, i64* %".2", i64 20
  %".125" = load i64, i64* %".124"
  %".126" = add i64 %".11", 15
  %".127" = udiv i64 %".126", 16
  br label %"row.head"
row.head:
  %"row" = phi  i64 [0, %"entry"], [%".195", %"unit.end"]
  %".129" = icmp slt i64 %"row", %".7"
  br i1 %".129", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  %".197" = add i64 %".11", 63
  %".198" = udiv i64 %".197", 64
  %".199" = add i64 %".11", 15
  %".200" = udiv i64 %".199", 16
  %".201" = add i64 %".7", 5
  %".202" = udiv i64 %".201", 6
  %".203" = udiv i64 %".7", %".202"
  %".204" = urem i64 %".7", %".202"
  br label %"block.head"
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".193", %"unit.body"]
  %".132" = icmp slt i64 %"unit", %".127"
  br i1 %".132", label %"unit.body", label %"unit.end"
unit.body:
  %".134" = mul i64 %"unit", 16
  %".135" = mul i64 %"row", %".69"
  %".136" = add i64 %".134", %".135"
  %".137" = getelementptr float, float* %".71", i64 %".136"
  %".138" = bitcast float* %".137" to <16 x float>*
  %".139" = load <16 x float>, <16 x float>* %".138", align 4
  %".140" = mul i64 %"unit", 16
  %".141" = mul i64 %"row", %".75"
  %".142" = add i64 %".140", %".141"
  %".143" = getelementptr float, float* %".77", i64 %".142"
  %".144" = bitcast float* %".143" to <16 x float>*
  %".145" = load <16 x float>, <16 x float>* %".144", align 4
  %".146" = fadd contract <16 x float> %".139", %".145"
  %".147" = mul i64 %"unit", 16
  %".148" = mul i64 %"row", %".81"
  %".149" = add i64 %".147", %".148"
  %".150" = getelementptr float, float* %".83", i64 %".149"
  %".151" = bitcast float* %".150" to <16 x float>*
  store <16 x float> %".146", <16 x float>* %".151", align 4
  %".153" = mul i64 %"unit", 16
  %".154" = mul i64 %"row", %".51"
  %".155" = add i64 %".153", %".154"
  %".156" = getelementptr float, float* %".53", i64 %".155"
  %".157" = bitcast float* %".156" to <16 x float>*
  %".158" = load <16 x float>, <16 x float>* %".157", align 4
  %".159" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".158"
  %".160" = fmul contract <16 x float> %".146", %".159"
  %".161" = mul i64 %"unit", 16
  %".162" = mul i64 %"row", %".63"
  %".163" = add i64 %".161", %".162"
  %".164" = getelementptr float, float* %".65", i64 %".163"
  %".165" = bitcast float* %".164" to <16 x float>*
  %".166" = load <16 x float>, <16 x float>* %".165", align 4
  %".167" = fmul contract <16 x float> %".166", %".166"
  %".168" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".167"
  %".169" = fmul contract <16 x float> %".160", %".168"
  %".170" = mul i64 %"unit", 16
  %".171" = mul i64 %"row", %".87"
  %".172" = add i64 %".170", %".171"
  %".173" = getelementptr float, float* %".89", i64 %".172"
  %".174" = bitcast float* %".173" to <16 x float>*
  store <16 x float> %".169", <16 x float>* %".174", align 4
  %".176" = mul i64 %"unit", 16
  %".177" = mul i64 %"row", %".45"
  %".178" = add i64 %".176", %".177"
  %".179" = getelementptr float, float* %".47", i64 %".178"
  %".180" = bitcast float* %".179" to <16 x float>*
  %".181" = load <16 x float>, <16 x float>* %".180", align 4
  %".182" = fmul contract <16 x float> %".146", %".181"
  %".183" = fmul contract <16 x float> %".146", %".166"
  %".184" = fsub contract <16 x float> %".182", %".183"
  %".185" = fmul contract <16 x float> %".158", %".159"
  %".186" = fmul contract <16 x float> %".184", %".185"
  %".187" = mul i64 %"unit", 16
  %".188" = mul i64 %"row", %".105"
  %".189" = add i64 %".187", %".188"
  %".190" = getelementptr float, float* %".107", i64 %".189"
  %".191" = bitcast float* %".190" to <16 x float>*
  store <16 x float> %".186", <16 x float>* %".191", align 4
  %".193" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".195" = add i64 %"row", 1
  br label %"row.head"
block.head:
  %"block" = phi  i64 [0, %"row.end"], [%".375", %"tile.end"]
  %".206" = icmp slt i64 %"block", %".198"
  br i1 %".206", label %"block.body", label %"block.end"
block.body:
  br label %"tile.head"
block.end:
  %".377" = add i64 %".11", 63
  %".378" = udiv i64 %".377", 64
  %".379" = add i64 %".11", 15
  %".380" = udiv i64 %".379", 16
  %".381" = add i64 %".7", 5
  %".382" = udiv i64 %".381", 6
  %".383" = udiv i64 %".7", %".382"
  %".384" = urem i64 %".7", %".382"
  br label %"block.head.1"
tile.head:
  %"tile" = phi  i64 [0, %"block.body"], [%".373", %"row.end.1"]
  %".209" = icmp slt i64 %"tile", %".202"
  br i1 %".209", label %"tile.body", label %"tile.end"
tile.body:
  %".211" = mul i64 %"tile", %".203"
  %".212" = icmp slt i64 %"tile", %".204"
  %".213" = select  i1 %".212", i64 %"tile", i64 %".204"
  %".214" = add i64 %".211", %".213"
  %".215" = icmp slt i64 %"tile", %".204"
  %".216" = zext i1 %".215" to i64
  %".217" = add i64 %".203", %".216"
  switch i64 %".217", label %"products.end" [i64 1, label %"products.1" i64 2, label %"products.2" i64 3, label %"products.3" i64 4, label %"products.4" i64 5, label %"products.5" i64 6, label %"products.6"]
tile.end:
  %".375" = add i64 %"block", 1
  br label %"block.head"
products.end:
  %".321" = mul i64 %"block", 4
  %".322" = sub i64 %".200", %".321"
  %".323" = icmp slt i64 4, %".322"
  %".324" = select  i1 %".323", i64 4, i64 %".322"
  br label %"row.head.1"
products.1:
  %".219" = mul i64 %".214", %".87"
  %".220" = getelementptr float, float* %".89", i64 %".219"
  br label %"column.head"
column.head:
  %"column" = phi  i64 [0, %"products.1"], [%".233", %"column.body"]
  %".222" = icmp slt i64 %"column", 1
  br i1 %".222", label %"column.body", label %"column.end"
column.body:
  %".224" = mul i64 %"block", 1
  %".225" = add i64 %".224", %"column"
  %".226" = mul i64 %".225", 64
  %".227" = mul i64 %".226", %".11"
  %".228" = getelementptr float, float* %".115", i64 %".227"
  %".229" = mul i64 %"column", 64
  %".230" = add i64 0, %".229"
  %".231" = getelementptr float, float* %".8", i64 %".230"
  call void @"elman_x86-64-v4_float_tile_1"(float* %".220", i64 %".87", i64 %".11", float* %".228", float* %".231", i64 64, i1 0)
  %".233" = add i64 %"column", 1
  br label %"column.head"
column.end:
  br label %"products.end"
products.2:
  %".236" = mul i64 %".214", %".87"
  %".237" = getelementptr float, float* %".89", i64 %".236"
  br label %"column.head.1"
column.head.1:
  %"column.1" = phi  i64 [0, %"products.2"], [%".250", %"column.body.1"]
  %".239" = icmp slt i64 %"column.1", 1
  br i1 %".239", label %"column.body.1", label %"column.end.1"
column.body.1:
  %".241" = mul i64 %"block", 1
  %".242" = add i64 %".241", %"column.1"
  %".243" = mul i64 %".242", 64
  %".244" = mul i64 %".243", %".11"
  %".245" = getelementptr float, float* %".115", i64 %".244"
  %".246" = mul i64 %"column.1", 64
  %".247" = add i64 0, %".246"
  %".248" = getelementptr float, float* %".8", i64 %".247"
  call void @"elman_x86-64-v4_float_tile_2"(float* %".237", i64 %".87", i64 %".11", float* %".245", float* %".248", i64 64, i1 0)
  %".250" = add i64 %"column.1", 1
  br label %"column.head.1"
column.end.1:
  br label %"products.end"
products.3:
  %".253" = mul i64 %".214", %".87"
  %".254" = getelementptr float, float* %".89", i64 %".253"
  br label %"column.head.2"
column.head.2:
  %"column.2" = phi  i64 [0, %"products.3"], [%".267", %"column.body.2"]
  %".256" = icmp slt i64 %"column.2", 1
  br i1 %".256", label %"column.body.2", label %"column.end.2"
column.body.2:
  %".258" = mul i64 %"block", 1
  %".259" = add i64 %".258", %"column.2"
  %".260" = mul i64 %".259", 64
  %".261" = mul i64 %".260", %".11"
  %".262" = getelementptr float, float* %".115", i64 %".261"
  %".263" = mul i64 %"column.2", 64
  %".264" = add i64 0, %".263"
  %".265" = getelementptr float, float* %".8", i64 %".264"
  call void @"elman_x86-64-v4_float_tile_3"(float* %".254", i64 %".87", i64 %".11", float* %".262", float* %".265", i64 64, i1 0)
  %".267" = add i64 %"column.2", 1
  br label %"column.head.2"
column.end.2:
  br label %"products.end"
products.4:
  %".270" = mul i64 %".214", %".87"
  %".271" = getelementptr float, float* %".89", i64 %".270"
  br label %"column.head.3"
column.head.3:
  %"column.3" = phi  i64 [0, %"products.4"], [%".284", %"column.body.3"]
  %".273" = icmp slt i64 %"column.3", 1
  br i1 %".273", label %"column.body.3", label %"column.end.3"
column.body.3:
  %".275" = mul i64 %"block", 1
  %".276" = add i64 %".275", %"column.3"
  %".277" = mul i64 %".276", 64
  %".278" = mul i64 %".277", %".11"
  %".279" = getelementptr float, float* %".115", i64 %".278"
  %".280" = mul i64 %"column.3", 64
  %".281" = add i64 0, %".280"
  %".282" = getelementptr float, float* %".8", i64 %".281"
  call void @"elman_x86-64-v4_float_tile_4"(float* %".271", i64 %".87", i64 %".11", float* %".279", float* %".282", i64 64, i1 0)
  %".284" = add i64 %"column.3", 1
  br label %"column.head.3"
column.end.3:
  br label %"products.end"
products.5:
  %".287" = mul i64 %".214", %".87"
  %".288" = getelementptr float, float* %".89", i64 %".287"
  br label %"column.head.4"
column.head.4:
  %"column.4" = phi  i64 [0, %"products.5"], [%".301", %"column.body.4"]
  %".290" = icmp slt i64 %"column.4", 1
  br i1 %".290", label %"column.body.4", label %"column.end.4"
column.body.4:
  %".292" = mul i64 %"block", 1
  %".293" = add i64 %".292", %"column.4"
  %".294" = mul i64 %".293", 64
  %".295" = mul i64 %".294", %".11"
  %".296" = getelementptr float, float* %".115", i64 %".295"
  %".297" = mul i64 %"column.4", 64
  %".298" = add i64 0, %".297"
  %".299" = getelementptr float, float* %".8", i64 %".298"
  call void @"elman_x86-64-v4_float_tile_5"(float* %".288", i64 %".87", i64 %".11", float* %".296", float* %".299", i64 64, i1 0)
  %".301" = add i64 %"column.4", 1
  br label %"column.head.4"
column.end.4:
  br label %"products.end"
products.6:
  %".304" = mul i64 %".214", %".87"
  %".305" = getelementptr float, float* %".89", i64 %".304"
  br label %"column.head.5"
column.head.5:
  %"column.5" = phi  i64 [0, %"products.6"], [%".318", %"column.body.5"]
  %".307" = icmp slt i64 %"column.5", 1
  br i1 %".307", label %"column.body.5", label %"column.end.5"
column.body.5:
  %".309" = mul i64 %"block", 1
  %".310" = add i64 %".309", %"column.5"
  %".311" = mul i64 %".310", 64
  %".312" = mul i64 %".311", %".11"
  %".313" = getelementptr float, float* %".115", i64 %".312"
  %".314" = mul i64 %"column.5", 64
  %".315" = add i64 0, %".314"
  %".316" = getelementptr float, float* %".8", i64 %".315"
  call void @"elman_x86-64-v4_float_tile_6"(float* %".305", i64 %".87", i64 %".11", float* %".313", float* %".316", i64 64, i1 0)
  %".318" = add i64 %"column.5", 1
  br label %"column.head.5"
column.end.5:
  br label %"products.end"
row.head.1:
  %"row.1" = phi  i64 [0, %"products.end"], [%".371", %"unit.end.1"]
  %".326" = icmp slt i64 %"row.1", %".217"
  br i1 %".326", label %"row.body.1", label %"row.end.1"
row.body.1:
  br label %"unit.head.1"
row.end.1:
  %".373" = add i64 %"tile", 1
  br label %"tile.head"
unit.head.1:
  %"unit.1" = phi  i64 [0, %"row.body.1"], [%".369", %"unit.body.1"]
  %".329" = icmp slt i64 %"unit.1", %".324"
  br i1 %".329", label %"unit.body.1", label %"unit.end.1"
unit.body.1:
  %".331" = mul i64 %"row.1", 4
  %".332" = mul i64 %"unit.1", 1
  %".333" = add i64 %".332", 0
  %".334" = add i64 %".331", %".333"
  %".335" = mul i64 %".334", 16
  %".336" = getelementptr float, float* %".8", i64 %".335"
  %".337" = bitcast float* %".336" to <16 x float>*
  %".338" = load <16 x float>, <16 x float>* %".337", align 4
  %".339" = add i64 %".214", %"row.1"
  %".340" = add i64 %".321", %"unit.1"
  %".341" = mul i64 %".340", 16
  %".342" = mul i64 %".339", %".93"
  %".343" = add i64 %".341", %".342"
  %".344" = getelementptr float, float* %".95", i64 %".343"
  %".345" = bitcast float* %".344" to <16 x float>*
  store <16 x float> %".338", <16 x float>* %".345", align 4
  %".347" = mul i64 %".340", 16
  %".348" = mul i64 %".339", %".45"
  %".349" = add i64 %".347", %".348"
  %".350" = getelementptr float, float* %".47", i64 %".349"
  %".351" = bitcast float* %".350" to <16 x float>*
  %".352" = load <16 x float>, <16 x float>* %".351", align 4
  %".353" = fmul contract <16 x float> %".338", %".352"
  %".354" = mul i64 %".340", 16
  %".355" = mul i64 %".339", %".57"
  %".356" = add i64 %".354", %".355"
  %".357" = getelementptr float, float* %".59", i64 %".356"
  %".358" = bitcast float* %".357" to <16 x float>*
  %".359" = load <16 x float>, <16 x float>* %".358", align 4
  %".360" = fsub contract <16 x float> splat (float 0x3ff0000000000000), %".359"
  %".361" = fmul contract <16 x float> %".359", %".360"
  %".362" = fmul contract <16 x float> %".353", %".361"
  %".363" = mul i64 %".340", 16
  %".364" = mul i64 %".339", %".99"
  %".365" = add i64 %".363", %".364"
  %".366" = getelementptr float, float* %".101", i64 %".365"
  %".367" = bitcast float* %".366" to <16 x float>*
  store <16 x float> %".362", <16 x float>* %".367", align 4
  %".369" = add i64 %"unit.1", 1
  br label %"unit.head.1"
unit.end.1:
  %".371" = add i64 %"row.1", 1
  br label %"row.head.1"
block.head.1:
  %"block.1" = phi  i64 [0, %"block.end"], [%".657", %"tile.end.1"]
  %".386" = icmp slt i64 %"block.1", %".378"
  br i1 %".386", label %"block.body.1", label %"block.end.1"
block.body.1:
  br label %"tile.head.1"
block.end.1:
  ret void
tile.head.1:
  %"tile.1" = phi  i64 [0, %"block.body.1"], [%".655", %"row.end.2"]
  %".389" = icmp slt i64 %"tile.1", %".382"
  br i1 %".389", label %"tile.body.1", label %"tile.end.1"
tile.body.1:
  %".391" = mul i64 %"tile.1", %".383"
  %".392" = icmp slt i64 %"tile.1", %".384"
  %".393" = select  i1 %".392", i64 %"tile.1", i64 %".384"
  %".394" = add i64 %".391", %".393"
  %".395" = icmp slt i64 %"tile.1", %".384"
  %".396" = zext i1 %".395" to i64
  %".397" = add i64 %".383", %".396"
  switch i64 %".397", label %"products.end.1" [i64 1, label %"products.1.1" i64 2, label %"products.2.1" i64 3, label %"products.3.1" i64 4, label %"products.4.1" i64 5, label %"products.5.1" i64 6, label %"products.6.1"]
tile.end.1:
  %".657" = add i64 %"block.1", 1
  br label %"block.head.1"
products.end.1:
  %".597" = mul i64 %"block.1", 4
  %".598" = sub i64 %".380", %".597"
  %".599" = icmp slt i64 4, %".598"
  %".600" = select  i1 %".599", i64 4, i64 %".598"
  br label %"row.head.2"
products.1.1:
  %".399" = mul i64 %".394", %".99"
  %".400" = getelementptr float, float* %".101", i64 %".399"
  br label %"column.head.6"
column.head.6:
  %"column.6" = phi  i64 [0, %"products.1.1"], [%".413", %"column.body.6"]
  %".402" = icmp slt i64 %"column.6", 1
  br i1 %".402", label %"column.body.6", label %"column.end.6"
column.body.6:
  %".404" = mul i64 %"block.1", 1
  %".405" = add i64 %".404", %"column.6"
  %".406" = mul i64 %".405", 64
  %".407" = mul i64 %".406", %".11"
  %".408" = getelementptr float, float* %".119", i64 %".407"
  %".409" = mul i64 %"column.6", 64
  %".410" = add i64 0, %".409"
  %".411" = getelementptr float, float* %".8", i64 %".410"
  call void @"elman_x86-64-v4_float_tile_1"(float* %".400", i64 %".99", i64 %".11", float* %".408", float* %".411", i64 64, i1 0)
  %".413" = add i64 %"column.6", 1
  br label %"column.head.6"
column.end.6:
  %".415" = mul i64 %".394", %".105"
  %".416" = getelementptr float, float* %".107", i64 %".415"
  br label %"column.head.7"
column.head.7:
  %"column.7" = phi  i64 [0, %"column.end.6"], [%".429", %"column.body.7"]
  %".418" = icmp slt i64 %"column.7", 1
  br i1 %".418", label %"column.body.7", label %"column.end.7"
column.body.7:
  %".420" = mul i64 %"block.1", 1
  %".421" = add i64 %".420", %"column.7"
  %".422" = mul i64 %".421", 64
  %".423" = mul i64 %".422", %".11"
  %".424" = getelementptr float, float* %".123", i64 %".423"
  %".425" = mul i64 %"column.7", 64
  %".426" = add i64 0, %".425"
  %".427" = getelementptr float, float* %".8", i64 %".426"
  call void @"elman_x86-64-v4_float_tile_1"(float* %".416", i64 %".105", i64 %".11", float* %".424", float* %".427", i64 64, i1 1)
  %".429" = add i64 %"column.7", 1
  br label %"column.head.7"
column.end.7:
  br label %"products.end.1"
products.2.1:
  %".432" = mul i64 %".394", %".99"
  %".433" = getelementptr float, float* %".101", i64 %".432"
  br label %"column.head.8"
column.head.8:
  %"column.8" = phi  i64 [0, %"products.2.1"], [%".446", %"column.body.8"]
  %".435" = icmp slt i64 %"column.8", 1
  br i1 %".435", label %"column.body.8", label %"column.end.8"
column.body.8:
  %".437" = mul i64 %"block.1", 1
  %".438" = add i64 %".437", %"column.8"
  %".439" = mul i64 %".438", 64
  %".440" = mul i64 %".439", %".11"
  %".441" = getelementptr float, float* %".119", i64 %".440"
  %".442" = mul i64 %"column.8", 64
  %".443" = add i64 0, %".442"
  %".444" = getelementptr float, float* %".8", i64 %".443"
  call void @"elman_x86-64-v4_float_tile_2"(float* %".433", i64 %".99", i64 %".11", float* %".441", float* %".444", i64 64, i1 0)
  %".446" = add i64 %"column.8", 1
  br label %"column.head.8"
column.end.8:
  %".448" = mul i64 %".394", %".105"
  %".449" = getelementptr float, float* %".107", i64 %".448"
  br label %"column.head.9"
column.head.9:
  %"column.9" = phi  i64 [0, %"column.end.8"], [%".462", %"column.body.9"]
  %".451" = icmp slt i64 %"column.9", 1
  br i1 %".451", label %"column.body.9", label %"column.end.9"
column.body.9:
  %".453" = mul i64 %"block.1", 1
  %".454" = add i64 %".453", %"column.9"
  %".455" = mul i64 %".454", 64
  %".456" = mul i64 %".455", %".11"
  %".457" = getelementptr float, float* %".123", i64 %".456"
  %".458" = mul i64 %"column.9", 64
  %".459" = add i64 0, %".458"
  %".460" = getelementptr float, float* %".8", i64 %".459"
  call void @"elman_x86-64-v4_float_tile_2"(float* %".449", i64 %".105", i64 %".11", float* %".457", float* %".460", i64 64, i1 1)
  %".462" = add i64 %"column.9", 1
  br label %"column.head.9"
column.end.9:
  br label %"products.end.1"
products.3.1:
  %".465" = mul i64 %".394", %".99"
  %".466" = getelementptr float, float* %".101", i64 %".465"
  br label %"column.head.10"
column.head.10:
  %"column.10" = phi  i64 [0, %"products.3.1"], [%".479", %"column.body.10"]
  %".468" = icmp slt i64 %"column.10", 1
  br i1 %".468", label %"column.body.10", label %"column.end.10"
column.body.10:
  %".470" = mul i64 %"block.1", 1
  %".471" = add i64 %".470", %"column.10"
  %".472" = mul i64 %".471", 64
  %".473" = mul i64 %".472", %".11"
  %".474" = getelementptr float, float* %".119", i64 %".473"
  %".475" = mul i64 %"column.10", 64
  %".476" = add i64 0, %".475"
  %".477" = getelementptr float, float* %".8", i64 %".476"
  call void @"elman_x86-64-v4_float_tile_3"(float* %".466", i64 %".99", i64 %".11", float* %".474", float* %".477", i64 64, i1 0)
  %".479" = add i64 %"column.10", 1
  br label %"column.head.10"
column.end.10:
  %".481" = mul i64 %".394", %".105"
  %".482" = getelementptr float, float* %".107", i64 %".481"
  br label %"column.head.11"
column.head.11:
  %"column.11" = phi  i64 [0, %"column.end.10"], [%".495", %"column.body.11"]
  %".484" = icmp slt i64 %"column.11", 1
  br i1 %".484", label %"column.body.11", label %"column.end.11"
column.body.11:
  %".486" = mul i64 %"block.1", 1
  %".487" = add i64 %".486", %"column.11"
  %".488" = mul i64 %".487", 64
  %".489" = mul i64 %".488", %".11"
  %".490" = getelementptr float, float* %".123", i64 %".489"
  %".491" = mul i64 %"column.11", 64
  %".492" = add i64 0, %".491"
  %".493" = getelementptr float, float* %".8", i64 %".492"
  call void @"elman_x86-64-v4_float_tile_3"(float* %".482", i64 %".105", i64 %".11", float* %".490", float* %".493", i64 64, i1 1)
  %".495" = add i64 %"column.11", 1
  br label %"column.head.11"
column.end.11:
  br label %"products.end.1"
products.4.1:
  %".498" = mul i64 %".394", %".99"
  %".499" = getelementptr float, float* %".101", i64 %".498"
  br label %"column.head.12"
column.head.12:
  %"column.12" = phi  i64 [0, %"products.4.1"], [%".512", %"column.body.12"]
  %".501" = icmp slt i64 %"column.12", 1
  br i1 %".501", label %"column.body.12", label %"column.end.12"
column.body.12:
  %".503" = mul i64 %"block.1", 1
  %".504" = add i64 %".503", %"column.12"
  %".505" = mul i64 %".504", 64
  %".506" = mul i64 %".505", %".11"
  %".507" = getelementptr float, float* %".119", i64 %".506"
  %".508" = mul i64 %"column.12", 64
  %".509" = add i64 0, %".508"
  %".510" = getelementptr float, float* %".8", i64 %".509"
  call void @"elman_x86-64-v4_float_tile_4"(float* %".499", i64 %".99", i64 %".11", float* %".507", float* %".510", i64 64, i1 0)
  %".512" = add i64 %"column.12", 1
  br label %"column.head.12"
column.end.12:
  %".514" = mul i64 %".394", %".105"
  %".515" = getelementptr float, float* %".107", i64 %".514"
  br label %"column.head.13"
column.head.13:
  %"column.13" = phi  i64 [0, %"column.end.12"], [%".528", %"column.body.13"]
  %".517" = icmp slt i64 %"column.13", 1
  br i1 %".517", label %"column.body.13", label %"column.end.13"
column.body.13:
  %".519" = mul i64 %"block.1", 1
  %".520" = add i64 %".519", %"column.13"
  %".521" = mul i64 %".520", 64
  %".522" = mul i64 %".521", %".11"
  %".523" = getelementptr float, float* %".123", i64 %".522"
  %".524" = mul i64 %"column.13", 64
  %".525" = add i64 0, %".524"
  %".526" = getelementptr float, float* %".8", i64 %".525"
  call void @"elman_x86-64-v4_float_tile_4"(float* %".515", i64 %".105", i64 %".11", float* %".523", float* %".526", i64 64, i1 1)
  %".528" = add i64 %"column.13", 1
  br label %"column.head.13"
column.end.13:
  br label %"products.end.1"
products.5.1:
  %".531" = mul i64 %".394", %".99"
  %".532" = getelementptr float, float* %".101", i64 %".531"
  br label %"column.head.14"
column.head.14:
  %"column.14" = phi  i64 [0, %"products.5.1"], [%".545", %"column.body.14"]
  %".534" = icmp slt i64 %"column.14", 1
  br i1 %".534", label %"column.body.14", label %"column.end.14"
column.body.14:
  %".536" = mul i64 %"block.1", 1
  %".537" = add i64 %".536", %"column.14"
  %".538" = mul i64 %".537", 64
  %".539" = mul i64 %".538", %".11"
  %".540" = getelementptr float, float* %".119", i64 %".539"
  %".541" = mul i64 %"column.14", 64
  %".542" = add i64 0, %".541"
  %".543" = getelementptr float, float* %".8", i64 %".542"
  call void @"elman_x86-64-v4_float_tile_5"(float* %".532", i64 %".99", i64 %".11", float* %".540", float* %".543", i64 64, i1 0)
  %".545" = add i64 %"column.14", 1
  br label %"column.head.14"
column.end.14:
  %".547" = mul i64 %".394", %".105"
  %".548" = getelementptr float, float* %".107", i64 %".547"
  br label %"column.head.15"
column.head.15:
  %"column.15" = phi  i64 [0, %"column.end.14"], [%".561", %"column.body.15"]
  %".550" = icmp slt i64 %"column.15", 1
  br i1 %".550", label %"column.body.15", label %"column.end.15"
column.body.15:
  %".552" = mul i64 %"block.1", 1
  %".553" = add i64 %".552", %"column.15"
  %".554" = mul i64 %".553", 64
  %".555" = mul i64 %".554", %".11"
  %".556" = getelementptr float, float* %".123", i64 %".555"
  %".557" = mul i64 %"column.15", 64
  %".558" = add i64 0, %".557"
  %".559" = getelementptr float, float* %".8", i64 %".558"
  call void @"elman_x86-64-v4_float_tile_5"(float* %".548", i64 %".105", i64 %".11", float* %".556", float* %".559", i64 64, i1 1)
  %".561" = add i64 %"column.15", 1
  br label %"column.head.15"
column.end.15:
  br label %"products.end.1"
products.6.1:
  %".564" = mul i64 %".394", %".99"
  %".565" = getelementptr float, float* %".101", i64 %".564"
  br label %"column.head.16"
column.head.16:
  %"column.16" = phi  i64 [0, %"products.6.1"], [%".578", %"column.body.16"]
  %".567" = icmp slt i64 %"column.16", 1
  br i1 %".567", label %"column.body.16", label %"column.end.16"
column.body.16:
  %".569" = mul i64 %"block.1", 1
  %".570" = add i64 %".569", %"column.16"
  %".571" = mul i64 %".570", 64
  %".572" = mul i64 %".571", %".11"
  %".573" = getelementptr float, float* %".119", i64 %".572"
  %".574" = mul i64 %"column.16", 64
  %".575" = add i64 0, %".574"
  %".576" = getelementptr float, float* %".8", i64 %".575"
  call void @"elman_x86-64-v4_float_tile_6"(float* %".565", i64 %".99", i64 %".11", float* %".573", float* %".576", i64 64, i1 0)
  %".578" = add i64 %"column.16", 1
  br label %"column.head.16"
column.end.16:
  %".580" = mul i64 %".394", %".105"
  %".581" = getelementptr float, float* %".107", i64 %".580"
  br label %"column.head.17"
column.head.17:
  %"column.17" = phi  i64 [0, %"column.end.16"], [%".594", %"column.body.17"]
  %".583" = icmp slt i64 %"column.17", 1
  br i1 %".583", label %"column.body.17", label %"column.end.17"
column.body.17:
  %".585" = mul i64 %"block.1", 1
  %".586" = add i64 %".585", %"column.17"
  %".587" = mul i64 %".586", 64
  %".588" = mul i64 %".587", %".11"
  %".589" = getelementptr float, float* %".123", i64 %".588"
  %".590" = mul i64 %"column.17", 64
  %".591" = add i64 0, %".590"
  %".592" = getelementptr float, float* %".8", i64 %".591"
  call void @"elman_x86-64-v4_float_tile_6"(float* %".581", i64 %".105", i64 %".11", float* %".589", float* %".592", i64 64, i1 1)
  %".594" = add i64 %"column.17", 1
  br label %"column.head.17"
column.end.17:
  br label %"products.end.1"
row.head.2:
  %"row.2" = phi  i64 [0, %"products.end.1"], [%".653", %"unit.end.2"]
  %".602" = icmp slt i64 %"row.2", %".397"
  br i1 %".602", label %"row.body.2", label %"row.end.2"
row.body.2:
  br label %"unit.head.2"
row.end.2:
  %".655" = add i64 %"tile.1", 1
  br label %"tile.head.1"
unit.head.2:
  %"unit.2" = phi  i64 [0, %"row.body.2"], [%".651", %"unit.body.2"]
  %".605" = icmp slt i64 %"unit.2", %".600"
  br i1 %".605", label %"unit.body.2", label %"unit.end.2"
unit.body.2:
  %".607" = mul i64 %"row.2", 4
  %".608" = mul i64 %"unit.2", 1
  %".609" = add i64 %".608", 0
  %".610" = add i64 %".607", %".609"
  %".611" = mul i64 %".610", 16
  %".612" = getelementptr float, float* %".8", i64 %".611"
  %".613" = bitcast float* %".612" to <16 x float>*
  %".614" = load <16 x float>, <16 x float>* %".613", align 4
  %".615" = add i64 %".394", %"row.2"
  %".616" = add i64 %".597", %"unit.2"
  %".617" = mul i64 %".616", 16
  %".618" = mul i64 %".615", %".93"
  %".619" = add i64 %".617", %".618"
  %".620" = getelementptr float, float* %".95", i64 %".619"
  %".621" = bitcast float* %".620" to <16 x float>*
  %".622" = load <16 x float>, <16 x float>* %".621", align 4
  %".623" = mul i64 %".616", 16
  %".624" = mul i64 %".615", %".57"
  %".625" = add i64 %".623", %".624"
  %".626" = getelementptr float, float* %".59", i64 %".625"
  %".627" = bitcast float* %".626" to <16 x float>*
  %".628" = load <16 x float>, <16 x float>* %".627", align 4
  %".629" = fmul contract <16 x float> %".622", %".628"
  %".630" = fadd contract <16 x float> %".614", %".629"
  %".631" = mul i64 %".616", 16
  %".632" = mul i64 %".615", %".81"
  %".633" = add i64 %".631", %".632"
  %".634" = getelementptr float, float* %".83", i64 %".633"
  %".635" = bitcast float* %".634" to <16 x float>*
  %".636" = load <16 x float>, <16 x float>* %".635", align 4
  %".637" = mul i64 %".616", 16
  %".638" = mul i64 %".615", %".51"
  %".639" = add i64 %".637", %".638"
  %".640" = getelementptr float, float* %".53", i64 %".639"
  %".641" = bitcast float* %".640" to <16 x float>*
  %".642" = load <16 x float>, <16 x float>* %".641", align 4
  %".643" = fmul contract <16 x float> %".636", %".642"
  %".644" = fadd contract <16 x float> %".630", %".643"
  %".645" = mul i64 %".616", 16
  %".646" = mul i64 %".615", %".111"
  %".647" = add i64 %".645", %".646"
  %".648" = getelementptr float, float* %".113", i64 %".647"
  %".649" = bitcast float* %".648" to <16 x float>*
  store <16 x float> %".644", <16 x float>* %".649", align 4
  %".651" = add i64 %"unit.2", 1
  br label %"unit.head.2"
unit.end.2:
  %".653" = add i64 %"row.2", 1
  br label %"row.head.2"
}

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
