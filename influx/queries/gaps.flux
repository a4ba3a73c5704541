// Where a host has sent nothing for more than ten minutes within the last 2 days: the end of each gap, and its seconds.
// Change: the range, `longest`.
longest = 600

from(bucket: "perfwatch_1m")
    |> range(start: -2d)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> elapsed(unit: 1s)
    |> filter(fn: (r) => r.elapsed > longest)
    |> keep(columns: ["_time", "elapsed", "host"])
