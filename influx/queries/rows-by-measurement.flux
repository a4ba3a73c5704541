// How many raw rows (fields times samples) each measurement had in the last hour.
// Change: the range.
from(bucket: "perfwatch")
    |> range(start: -1h)
    |> count()
    |> group(columns: ["host", "_measurement"])
    |> sum()
    |> group(columns: ["host"])
    |> sort(columns: ["_value"], desc: true)
