// Hosts that have sent something in the last 7 days, but nothing for five minutes: since how many seconds.
// Change: the range, the seconds.
from(bucket: "perfwatch_1m")
    |> range(start: -7d)
    |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage_percent")
    |> last()
    |> map(fn: (r) => ({ host: r.host, seconds: (int(v: now()) - int(v: r._time)) / 1000000000 }))
    |> filter(fn: (r) => r.seconds > 300)
