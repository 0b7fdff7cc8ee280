/** What a server says of itself, metric by metric; 0 where it says nothing. Only of metrics without labels. */
export async function readMetrics(metricsUrl: string): Promise<(name: string) => number> {
  const text = await (await fetch(metricsUrl)).text()
  return (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
}
