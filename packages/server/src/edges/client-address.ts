import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** Whether the peer at this address is a proxy of ours, so that what it says about `X-Forwarded-For` is believed. */
export type ProxyTrust = (address: string, hop: number) => boolean

/**
 * Trusts exactly the named addresses and networks. A number of hops would not do: whoever reaches the port directly
 * could name any address then.
 */
export function trustProxies(networks: readonly string[]): ProxyTrust {
  return networks.length === 0 ? () => false : proxyAddr.compile([...networks])
}

/** The address a request came from: of the last peer on its way that is not a trusted proxy. */
export function clientAddress(request: IncomingMessage, trust: ProxyTrust): string {
  return proxyAddr(request, trust)
}
