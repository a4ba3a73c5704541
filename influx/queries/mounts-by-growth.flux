// How much each file system has grown in the last 7 days, the most first; bytes.
// Change: the range, `n`.
from(bucket: "perfwatch_1h")
    |> range(start: -7d)
    |> filter(fn: (r) => r._measurement == "filesystem" and r._field == "used_bytes")
    |> spread()
    |> group()
    |> top(n: 10)
    |> keep(columns: ["_value", "host", "mount"])
