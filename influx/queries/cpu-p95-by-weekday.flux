// The 95th percentile of the CPU's usage by weekday (0 is Sunday), over the last 30 days of hours.
// Change: the range, `q`.
import "date"

from(bucket: "perfwatch_1h")
    |> range(start: -30d)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> map(fn: (r) => ({ r with weekday: date.weekDay(t: r._time) }))
    |> group(columns: ["host", "weekday"])
    |> quantile(q: 0.95, method: "exact_mean")
    |> group(columns: ["host"])
    |> sort(columns: ["weekday"])
