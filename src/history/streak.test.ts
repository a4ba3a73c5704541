import { describe, expect, it } from 'vitest'
import { instant } from '../points/instant.ts'
import { localTime, streaksOf, zoneOf } from './streak.ts'

const at = (iso: string) => instant(Date.parse(iso))

describe('a streak', () => {
  it.each([
    ['nothing', [], []],
    ['one day', [4], [1]],
    ['1, 2, 3, 5 March', [1, 2, 3, 5], [1, 2, 3, 1]],
    ['several a day', [1, 1, 2, 2, 2, 4], [1, 1, 2, 2, 2, 1]],
    ['a gap of years', [1, 1_000, 1_001], [1, 1, 2]],
  ])('of %s', (_name, days, streaks) => {
    expect(streaksOf(days)).toEqual(streaks)
  })
})

describe('the wall clock of', () => {
  it.each([
    ['UTC', '2022-01-04T08:30:00Z', '2022-01-04 08:30:00'],
    ['Europe/Berlin', '2022-01-04T08:30:00Z', '2022-01-04 09:30:00'],
    ['Europe/Berlin', '2022-03-27T00:59:59Z', '2022-03-27 01:59:59'],
    ['Europe/Berlin', '2022-03-27T01:00:00Z', '2022-03-27 03:00:00'],
    ['Europe/Berlin', '2022-10-30T00:30:00Z', '2022-10-30 02:30:00'],
    ['Europe/Berlin', '2022-10-30T01:30:00Z', '2022-10-30 02:30:00'],
    ['Asia/Kolkata', '2022-06-30T18:30:00Z', '2022-07-01 00:00:00'],
    ['Asia/Kathmandu', '2022-06-30T18:15:00Z', '2022-07-01 00:00:00'],
    ['Australia/Lord_Howe', '2022-04-02T15:00:00Z', '2022-04-03 01:30:00'],
    ['America/Los_Angeles', '1970-01-01T00:00:00Z', '1969-12-31 16:00:00'],
  ])('%s at %s says %s', (zone, iso, text) => {
    expect(localTime(zone).text(at(iso))).toBe(text)
  })

  it.each([
    // clocks go forward at midnight: the day begins at one
    ['America/Sao_Paulo', '2018-11-04T02:59:59Z', '2018-11-04T03:00:00Z'],
    ['Africa/Cairo', '2023-04-27T21:59:59Z', '2023-04-27T22:00:00Z'],
    // a day of 23 and one of 25 hours
    ['Europe/Berlin', '2022-03-26T22:59:59Z', '2022-03-26T23:00:00Z'],
    ['Europe/Berlin', '2022-03-27T21:59:59Z', '2022-03-27T22:00:00Z'],
    ['Europe/Berlin', '2022-10-30T22:59:59Z', '2022-10-30T23:00:00Z'],
  ])('%s begins a day between %s and %s', (zone, before, after) => {
    const { day } = localTime(zone)
    expect(day(at(after))).toBe(day(at(before)) + 1)
  })

  it.each([
    // an hour is missing or twice; the day is one of the run all the same
    ['Europe/Berlin', '2022-03-26T12:00Z 2022-03-27T00:59Z 2022-03-27T21:59Z 2022-03-27T22:00Z'],
    ['Europe/Berlin', '2022-10-29T12:00Z 2022-10-29T22:00Z 2022-10-30T22:59Z 2022-10-30T23:00Z'],
    ['Africa/Cairo', '2023-04-27T12:00Z 2023-04-27T22:00Z 2023-04-28T20:59Z 2023-04-28T21:00Z'],
    [
      'America/Sao_Paulo',
      '2018-11-03T12:00Z 2018-11-04T03:00Z 2018-11-05T01:59Z 2018-11-05T02:00Z',
    ],
    [
      'Australia/Lord_Howe',
      '2022-04-01T12:00Z 2022-04-01T13:00Z 2022-04-02T12:59Z 2022-04-02T13:00Z',
    ],
  ])('%s counts days over a change of the clocks: %s', (zone, instants) => {
    const { day } = localTime(zone)
    expect(streaksOf(instants.split(' ').map((iso) => day(at(iso))))).toEqual([1, 2, 2, 3])
  })

  it('Samoa lost a day, and its streaks with it', () => {
    const { day } = localTime('Pacific/Apia')
    expect(day(at('2011-12-30T10:00:00Z'))).toBe(day(at('2011-12-30T09:59:59Z')) + 2)
  })

  it.each(['Mars/Olympus', 'Europe', "Europe/Berlin'; --", ''])('%s is none', (zone) => {
    expect(() => localTime(zone)).toThrow('tz must be a time zone such as Europe/Berlin')
  })
})

describe('the zone of a machine', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    // what Node says of TZ= and of a TZ that it does not know
    ['Etc/Unknown', 'UTC'],
    [undefined, 'UTC'],
  ])('%s is taken as %s', (machine, zone) => {
    expect(zoneOf(machine)).toBe(zone)
  })
})
