// The least memory that was available in the last 7 days, and when; bytes.
// Change: the range.
from(bucket: "perfwatch_1h")
    |> range(start: -7d)
    |> filter(fn: (r) => r._measurement == "memory" and r._field == "available_bytes_min")
    |> min()
    |> keep(columns: ["_time", "_value", "host"])
