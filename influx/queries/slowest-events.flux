// The ten slowest timing events of the last day, of each project and metric; milliseconds.
// Change: the range, `n`.
from(bucket: "perfwatch_events")
    |> range(start: -1d)
    |> filter(fn: (r) => r._measurement == "event_duration" and r._field == "duration_ms")
    |> top(n: 10)
    |> keep(columns: ["_time", "_value", "project", "metric"])
