// The ten busiest hours of each host in the last 30 days.
// Change: the range, `n`.
from(bucket: "perfwatch_1h")
    |> range(start: -30d)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> top(n: 10)
    |> keep(columns: ["_time", "_value", "host"])
