import { readdir, readFile } from 'node:fs/promises'

const CLOCK_TICKS_PER_SECOND = 100
const KIB = 1_024

/** Processor time a process used so far, in seconds. From /proc where there is one; elsewhere not known. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = await statOf(pid)
  return fields === undefined ? Number.NaN : secondsOf(fields, [11, 12])
}

/** The same with all its children, those that ended included: a PostgreSQL and its backends. */
export async function cpuSecondsOfFamily(parent: number): Promise<number> {
  const own = await statOf(parent)
  if (own === undefined) return Number.NaN
  let seconds = secondsOf(own, [11, 12, 13, 14])
  for (const name of await readdir('/proc')) {
    const fields = /^\d+$/.test(name) ? await statOf(Number(name)) : undefined
    if (fields !== undefined && Number(fields[1]) === parent) seconds += secondsOf(fields, [11, 12])
  }
  return seconds
}

/** What the machine did so far, in seconds of all of its cores; `stolen` is what its host gave to others meanwhile. */
export type MachineSeconds = { busy: number; stolen: number }

/** The same of everything that runs here. */
export async function machineSeconds(): Promise<MachineSeconds> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '')
  // user, nice, system, idle, iowait, irq, softirq, steal
  const fields = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ')
  return { busy: secondsOf(fields, [0, 1, 2, 5, 6]), stolen: secondsOf(fields, [7]) }
}

/** The process that started this one. */
export async function parentOf(pid: number): Promise<number | undefined> {
  const fields = await statOf(pid)
  return fields === undefined ? undefined : Number(fields[1])
}

/** Memory a process really occupies, in bytes. */
export async function rssBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return kib === undefined ? Number.NaN : Number(kib) * KIB
}

/** How many files and sockets a process may have open. */
export async function descriptorLimitOf(pid: number): Promise<number> {
  const limits = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '')
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN)
}

/** What the kernel holds for sockets of the whole machine, in bytes: their structures, and what is on its way in them. */
export type KernelBytes = { structures: number; buffers: number }

/** Structures are not known to those who may not read /proc/slabinfo. */
export async function kernelSocketBytes(): Promise<KernelBytes> {
  const info = await readFile('/proc/slabinfo', 'utf8').catch(() => undefined)
  const sockets = await readFile('/proc/net/sockstat', 'utf8').catch(() => '')
  const pages = Number(/^TCP:.* mem (\d+)$/m.exec(sockets)?.[1] ?? Number.NaN)
  return { structures: info === undefined ? Number.NaN : slabBytes(info), buffers: pages * 4 * KIB }
}

const SOCKET_SLABS = ['TCP', 'TCPv6', 'sock_inode_cache', 'filp', 'dentry', 'eventpoll_epi', 'eventpoll_pwq']

function slabBytes(info: string): number {
  let bytes = 0
  for (const line of info.split('\n')) {
    const [name = '', active = '0', , size = '0'] = line.split(/\s+/)
    if (SOCKET_SLABS.includes(name)) bytes += Number(active) * Number(size)
  }
  return bytes
}

/** Fields after the command's name, which may hold spaces: the state is the first of them. */
async function statOf(pid: number): Promise<string[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function secondsOf(fields: readonly string[], indexes: readonly number[]): number {
  return indexes.reduce((sum, index) => sum + Number(fields[index]), 0) / CLOCK_TICKS_PER_SECOND
}
