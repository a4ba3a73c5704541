// The interfaces that have moved the most in the last day, both ways together; bytes a second.
// Change: the range, `n`.
from(bucket: "perfwatch_5m")
    |> range(start: -1d)
    |> filter(fn: (r) => r._measurement == "network_interface")
    |> filter(fn: (r) => r._field == "bytes_sent_per_sec" or r._field == "bytes_recv_per_sec")
    |> mean()
    |> group(columns: ["host", "interface"])
    |> sum()
    |> group()
    |> top(n: 10)
