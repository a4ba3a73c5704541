import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstReadable, openHostFiles, type HostFiles } from './host-files.ts'

let folder: string
let files: HostFiles

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'host-files-'))
  mkdirSync(join(folder, 'proc/1/net'), { recursive: true })
  mkdirSync(join(folder, 'sys/class/net/eth0'), { recursive: true })
  files = openHostFiles({ proc: join(folder, 'proc'), sys: join(folder, 'sys'), root: folder })
})

afterEach(() => {
  files.close()
  rmSync(folder, { recursive: true })
})

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const openDescriptors = () => readdirSync('/proc/self/fd').length

describe('the host files', () => {
  it('read what a file says now, through the descriptor that was opened the first time', () => {
    write('proc/stat', 'first and longer')
    expect(files.read('proc/stat')).toBe('first and longer')
    const open = openDescriptors()
    write('proc/stat', 'second')
    expect(files.read('proc/stat')).toBe('second')
    expect(openDescriptors()).toBe(open)
  })

  it('read files of any length whole, from the kernel page by page', () => {
    const long = 'interface 0123456789\n'.repeat(20_000)
    write('proc/stat', long)
    expect(files.read('proc/stat')).toBe(long)
    write('proc/stat', 'short')
    expect(files.read('proc/stat')).toBe('short')
  })

  it('are read as UTF-8: mount points have names in any script', () => {
    write('proc/mounts', '/dev/sdb1 /srv/Übergröße ext4 rw 0 0\n')
    expect(files.read('proc/mounts')).toBe('/dev/sdb1 /srv/Übergröße ext4 rw 0 0\n')
  })

  it('that are not there are named, with the reason', () => {
    expect(() => files.read('proc/stat')).toThrow(
      `${join(folder, 'proc/stat')} cannot be read (ENOENT).`,
    )
    expect(() => files.read('proc/1')).toThrow(/proc\/1 cannot be read \(EISDIR\)\.$/)
    expect([
      files.tryRead('proc/stat'),
      files.readOnce('proc/stat'),
      files.tryRead('proc/1'),
      files.list('sys/class/hwmon'),
      files.exists('proc/stat'),
    ]).toEqual([undefined, undefined, undefined, [], false])
  })

  it('are found once they are there', () => {
    expect(files.tryRead('proc/stat')).toBeUndefined()
    write('proc/stat', 'now')
    expect([files.tryRead('proc/stat'), files.exists('proc/stat')]).toEqual(['now', true])
  })

  it('keep no descriptor of what could not be read, nor of what is read once', () => {
    write('proc/stat', 'x')
    const open = openDescriptors()
    files.tryRead('proc/1')
    files.readOnce('proc/stat')
    files.list('sys/class/net')
    expect(openDescriptors()).toBe(open)
    files.read('proc/stat')
    expect(openDescriptors()).toBe(open + 1)
    files.close()
    expect(openDescriptors()).toBe(open)
  })

  it('keep only so many descriptors, and read the rest all the same', () => {
    for (let core = 0; core < 600; core++) write(`sys/class/net/eth0/${core}`, String(core))
    const open = openDescriptors()
    for (let core = 0; core < 600; core++)
      expect(files.read(`sys/class/net/eth0/${core}`)).toBe(String(core))
    expect(openDescriptors()).toBe(open + 512)
  })

  it('list a folder', () => {
    expect(files.list('sys/class/net')).toEqual(['eth0'])
  })

  it('give a long file piece by piece, and close it when the reader has seen enough', async () => {
    write('proc/1/net/tcp', 'a line of the table\n'.repeat(5_000))
    let text = ''
    for await (const piece of files.pieces('proc/1/net/tcp')) text += piece
    expect(text).toHaveLength(100_000)
    const open = openDescriptors()
    for await (const piece of files.pieces('proc/1/net/tcp')) {
      expect(piece.length).toBeLessThan(20_000)
      break
    }
    expect(openDescriptors()).toBe(open)
  })

  it('say how full a file system is, below the root of the host', async () => {
    const { blockBytes, blocks, freeBlocks } = await files.blocks('/sys/class')
    expect(blockBytes * blocks).toBeGreaterThan(0)
    expect(freeBlocks).toBeLessThanOrEqual(blocks)
    await expect(files.blocks('/not/there')).rejects.toThrow('ENOENT')
  })

  it('are opened again when what was behind the descriptor is gone', async () => {
    const [first, second] = [spawn('sleep', ['60']), spawn('sleep', ['60'])]
    const pointTo = (pid: number | undefined) => {
      rmSync(join(folder, 'proc/stat'), { force: true })
      symlinkSync(`/proc/${pid}/stat`, join(folder, 'proc/stat'))
    }
    pointTo(first.pid)
    expect(files.read('proc/stat')).toMatch(new RegExp(`^${first.pid} `))
    pointTo(second.pid)
    expect(files.read('proc/stat')).toMatch(new RegExp(`^${first.pid} `))
    first.kill()
    await once(first, 'exit')
    expect(files.read('proc/stat')).toMatch(new RegExp(`^${second.pid} `))
    const open = openDescriptors()
    second.kill()
    await once(second, 'exit')
    expect(() => files.read('proc/stat')).toThrow('cannot be read (ENOENT)')
    expect(openDescriptors()).toBeLessThan(open)
  })
})

describe('the first readable of several files', () => {
  it('is read, also when another one becomes it', () => {
    const read = firstReadable(files, ['proc/1/net/dev', 'proc/dev'])
    expect(() => read()).toThrow(`${join(folder, 'proc/1/net/dev')} cannot be read (ENOENT).`)
    write('proc/dev', 'own')
    expect(read()).toBe('own')
    write('proc/1/net/dev', 'of process 1')
    expect(read()).toBe('own')
    files.close()
    rmSync(join(folder, 'proc/dev'))
    expect(read()).toBe('of process 1')
  })
})
