// How many log lines of level error and above each process has sent in the last day.
// Change: the range, the levels.
from(bucket: "perfwatch_logs")
    |> range(start: -1d)
    |> filter(fn: (r) => r._measurement == "log" and r._field == "p_name")
    |> filter(fn: (r) => r.level == "error" or r.level == "critical")
    |> map(fn: (r) => ({ r with process: r._value }))
    |> group(columns: ["user", "process"])
    |> count(column: "_value")
    |> group()
    |> sort(columns: ["_value"], desc: true)
