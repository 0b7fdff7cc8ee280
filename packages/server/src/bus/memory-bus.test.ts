import { busContract } from './bus.contract.ts'
import { MemoryExchange } from './memory-bus.ts'

busContract('the in-process bus', async () => {
  const exchange = new MemoryExchange()
  return { join: async (nodeId) => exchange.join(nodeId), close: async () => {} }
})
