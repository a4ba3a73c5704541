import { clientCpu } from '../../catalog/records.ts'
import { sampleInstant, type ClientSamples } from '../../history/client-cpu.ts'
import type { NewRecord } from '../../points/record.ts'

/** A sample stands at its own time, as near as a store can hold it; `time` keeps it exactly. */
export const toRecord = (
  sender: { readonly user: string; readonly session: string },
  sample: { readonly cpu: number; readonly time: number },
): NewRecord => ({
  measurement: clientCpu.measurement,
  tags: sender,
  at: sampleInstant(sample.time),
  fields: { cpu: sample.cpu, time: sample.time },
})

/** `{"payload":[{"cpu":15.3,"timestamp":1649596019.895}, …]}`: an hour is 3,600 of them. */
export const toPayload = ({ time, cpu }: ClientSamples): string => {
  const samples = Array.from(time, (at, place) => `{"cpu":${cpu[place]},"timestamp":${at}}`)
  return `{"payload":[${samples.join()}]}`
}
