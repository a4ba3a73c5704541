const GiB = 1024 ** 3

/** What hardware the made-up host has. */
export type HostShape = {
  readonly cores: number
  readonly memoryBytes: number
  readonly swapBytes: number
  readonly interfaces: readonly string[]
  readonly disks: readonly string[]
  readonly mounts: readonly {
    readonly path: string
    readonly bytes: number
    readonly used: number
  }[]
}

/** A small server: 4 cores, 16 GiB, one network card, two disks. */
export const SMALL_SERVER: HostShape = {
  cores: 4,
  memoryBytes: 16 * GiB,
  swapBytes: 4 * GiB,
  interfaces: ['eth0'],
  disks: ['nvme0n1', 'sda'],
  mounts: [
    { path: '/', bytes: 100 * GiB, used: 0.38 },
    { path: '/data', bytes: 900 * GiB, used: 0.52 },
  ],
}

/** A host of any size, for benches. */
export const shapeOf = (size: {
  readonly cores: number
  readonly interfaces: number
  readonly disks: number
  readonly mounts: number
}): HostShape => ({
  cores: size.cores,
  memoryBytes: size.cores * 4 * GiB,
  swapBytes: 4 * GiB,
  interfaces: Array.from({ length: size.interfaces }, (_, index) => `eth${index}`),
  disks: Array.from({ length: size.disks }, (_, index) => `nvme${index}n1`),
  mounts: Array.from({ length: size.mounts }, (_, index) => ({
    path: index === 0 ? '/' : `/data/${index}`,
    bytes: (100 + 40 * (index % 7)) * GiB,
    used: 0.2 + 0.6 * ((index * 0.37) % 1),
  })),
})
