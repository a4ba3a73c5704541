// How many samples of each host a minute was made of, over the last hour.
// Change: the range.
from(bucket: "perfwatch_1m")
    |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent_n")
    |> mean()
    |> keep(columns: ["_value", "host"])
