import { describe, expect, it } from 'vitest'
import { perfEvents } from '../../catalog/perf-events.ts'
import { extraSlots } from './event-table.ts'
import type { Vendor } from './perf-host.ts'

const VENDORS: readonly Vendor[] = ['intel', 'amd', 'arm', 'other']
const everywhere = { hybrid: false, allCores: true }

const firstOf = (vendor: Vendor, conditions = everywhere) =>
  Object.fromEntries(
    extraSlots(vendor, conditions).map(({ field, candidates }) => [
      field,
      candidates.map(({ events }) => events.map(({ ask }) => ask).join(' + ')).slice(0, 2),
    ]),
  )

describe('the table of events', () => {
  it.each(VENDORS)('names only fields of the catalogue for %s', (vendor) => {
    const fields = Object.keys(perfEvents.series[0].fields)
    for (const { field } of extraSlots(vendor, everywhere)) expect(fields).toContain(field)
  })

  it.each(VENDORS)('has no comma in a name that perf prints, for %s', (vendor) => {
    for (const { candidates } of extraSlots(vendor, everywhere))
      for (const { events } of candidates)
        for (const { prints } of events) expect(prints).toMatch(/^[\w.-]+$/)
  })

  it('goes from the kernel’s own names to the model’s', () => {
    expect(firstOf('intel')).toEqual({
      l1i_cache_misses: ['L1-icache-load-misses'],
      l1d_cache_misses: ['L1-dcache-load-misses'],
      l2_cache_misses: ['l2_rqsts.miss', 'l2_request.miss'],
      llc_misses: ['LLC-load-misses'],
      memory_bandwidth_read_mbps: [
        'uncore_imc/cas_count_read,name=pw_cas_count_read/',
        'uncore_imc/cas_count_read_sch0,name=pw_cas_count_read_sch0/ + uncore_imc/cas_count_read_sch1,name=pw_cas_count_read_sch1/',
      ],
      memory_bandwidth_write_mbps: [
        'uncore_imc/cas_count_write,name=pw_cas_count_write/',
        'uncore_imc/cas_count_write_sch0,name=pw_cas_count_write_sch0/ + uncore_imc/cas_count_write_sch1,name=pw_cas_count_write_sch1/',
      ],
    })
  })

  it('leaves out what a socket shares where only some cores are counted', () => {
    expect(firstOf('amd', { hybrid: false, allCores: false })).toEqual({
      l1i_cache_misses: ['L1-icache-load-misses', 'ic_tag_hit_miss.instruction_cache_miss'],
      l1d_cache_misses: ['L1-dcache-load-misses'],
      l2_cache_misses: ['l2_cache_req_stat.ic_dc_miss_in_l2'],
      llc_misses: ['LLC-load-misses'],
      memory_bandwidth_read_mbps: [],
      memory_bandwidth_write_mbps: [],
    })
  })

  it('leaves out the names of one kind of core on a hybrid processor', () => {
    const hybrid = firstOf('intel', { hybrid: true, allCores: true })
    expect(hybrid['l2_cache_misses']).toEqual([])
    expect(hybrid['memory_bandwidth_read_mbps']).toHaveLength(2)
  })
})
