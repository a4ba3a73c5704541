import { expect, it } from 'vitest'
import { readPerfHost, vendorOf } from './perf-host.ts'

it.each([
  ['processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n', 'intel'],
  ['processor\t: 0\nvendor_id\t: AuthenticAMD\n', 'amd'],
  ['processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n', 'arm'],
  ['vendor_id       : IBM/S390\n', 'other'],
  ['processor\t: 0\nhart\t: 0\nisa\t: rv64imafdc\n', 'other'],
  ['', 'other'],
])('the vendor in %j is %s', (cpuinfo, vendor) => {
  expect(vendorOf(cpuinfo)).toBe(vendor)
})

const files = (texts: Readonly<Record<string, string>>) => ({
  readOnce: (path: string) => texts[path],
  exists: (path: string) => path in texts,
})

it('reads the host’s own files', () => {
  const host = files({
    'proc/cpuinfo': 'vendor_id\t: GenuineIntel\n',
    'proc/sys/kernel/perf_event_paranoid': '-1\n',
    'sys/bus/event_source/devices/cpu_atom': '',
  })
  expect(readPerfHost(host, 'linux')).toEqual({
    platform: 'linux',
    vendor: 'intel',
    hybrid: true,
    paranoid: -1,
  })
})

it.each([
  ['is absent', {}],
  ['is no number', { 'proc/sys/kernel/perf_event_paranoid': 'high\n' }],
])('knows no level where the file %s', (_, texts) => {
  expect(readPerfHost(files(texts), 'linux')).toEqual({
    platform: 'linux',
    vendor: 'other',
    hybrid: false,
    paranoid: null,
  })
})
