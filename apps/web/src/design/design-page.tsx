import { PageHeader } from '../frame/page-header.tsx'
import { MessageSamples } from './message-samples.tsx'
import { PartSamples } from './part-samples.tsx'
import { RoomSamples } from './room-samples.tsx'
import { TokenSamples } from './token-samples.tsx'

/** Tokens and components in all their states, for those who work on them. */
export function DesignPage() {
  return (
    <main className="mx-auto grid max-w-[1180px] gap-10 px-4 py-8 md:px-8">
      <div className="grid gap-4">
        <PageHeader current="/design" />
        <h1 className="text-5 font-bold tracking-[-0.02em]">Tally · design</h1>
      </div>
      <TokenSamples />
      <PartSamples />
      <RoomSamples />
      <MessageSamples />
    </main>
  )
}
