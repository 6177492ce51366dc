; ModuleID = "min_gru"
target triple = "x86_64-unknown-linux-gnu"
target datalayout = ""

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
  %".28" = mul i64 %".27", %".5"
  %".29" = getelementptr float, float* %".25", i64 %".28"
  %".30" = getelementptr float*, float** %".1", i64 3
  %".31" = load float*, float** %".30"
  %".32" = getelementptr i64, i64* %".2", i64 3
  %".33" = load i64, i64* %".32"
  %".34" = mul i64 %".33", %".4"
  %".35" = getelementptr float, float* %".31", i64 %".34"
  %".36" = add i64 %".11", 15
  %".37" = udiv i64 %".36", 16
  br label %"row.head"
row.head:
  %"row" = phi  i64 [0, %"entry"], [%".72", %"unit.end"]
  %".39" = icmp slt i64 %"row", %".7"
  br i1 %".39", label %"row.body", label %"row.end"
row.body:
  br label %"unit.head"
row.end:
  ret void
unit.head:
  %"unit" = phi  i64 [0, %"row.body"], [%".70", %"unit.body"]
  %".42" = icmp slt i64 %"unit", %".37"
  br i1 %".42", label %"unit.body", label %"unit.end"
unit.body:
  %".44" = mul i64 %"unit", 16
  %".45" = mul i64 %"row", %".15"
  %".46" = add i64 %".44", %".45"
  %".47" = getelementptr float, float* %".17", i64 %".46"
  %".48" = bitcast float* %".47" to <16 x float>*
  %".49" = load <16 x float>, <16 x float>* %".48", align 4
  %".50" = mul i64 %"unit", 16
  %".51" = mul i64 %"row", %".27"
  %".52" = add i64 %".50", %".51"
  %".53" = getelementptr float, float* %".29", i64 %".52"
  %".54" = bitcast float* %".53" to <16 x float>*
  %".55" = load <16 x float>, <16 x float>* %".54", align 4
  %".56" = fmul contract <16 x float> %".49", %".55"
  %".57" = mul i64 %"unit", 16
  %".58" = mul i64 %"row", %".21"
  %".59" = add i64 %".57", %".58"
  %".60" = getelementptr float, float* %".23", i64 %".59"
  %".61" = bitcast float* %".60" to <16 x float>*
  %".62" = load <16 x float>, <16 x float>* %".61", align 4
  %".63" = fadd contract <16 x float> %".56", %".62"
  %".64" = mul i64 %"unit", 16
  %".65" = mul i64 %"row", %".33"
  %".66" = add i64 %".64", %".65"
  %".67" = getelementptr float, float* %".35", i64 %".66"
  %".68" = bitcast float* %".67" to <16 x float>*
  store <16 x float> %".63", <16 x float>* %".68", align 4
  %".70" = add i64 %"unit", 1
  br label %"unit.head"
unit.end:
  %".72" = add i64 %"row", 1
  br label %"row.head"
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
