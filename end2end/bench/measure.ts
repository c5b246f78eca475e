/** Figures: what the kernel tells of a process, percentiles, and lines that say goal and measurement. */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

/** The kernel's clock ticks in a second. */
const ticksPerS = 100;

export interface Usage {
  cpuS: number;
  rssMb: number;
  /** The most it ever had. */
  peakMb: number;
}

export function usage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+)`))?.[1]) / 1024;
  return { cpuS: (Number(fields[11]) + Number(fields[12])) / ticksPerS, rssMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}

/** The value that `share` of the values do not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function say(what: string, measured: string, goal: string): void {
  const [minute] = loadavg();
  console.log(`${what.padEnd(44)} ${measured.padEnd(40)} goal ${goal}   (load average ${minute.toFixed(1)})`);
}
