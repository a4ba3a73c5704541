// The mean CPU usage of the last 7 days, of the 7 days before, and the change in percent.
// Change: `week` for another length.
import "date"
import "join"

week = 7d
before = date.sub(d: week, from: now())

mean_of = (start, stop) =>
    from(bucket: "perfwatch_1h")
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
        |> mean()
        |> group()

join.inner(
    left: mean_of(start: before, stop: now()),
    right: mean_of(start: date.sub(d: week, from: before), stop: before),
    on: (l, r) => l.host == r.host,
    as: (l, r) => ({host: l.host, this_week: l._value, last_week: r._value, change_percent: 100.0 * (l._value - r._value) / r._value}),
)
