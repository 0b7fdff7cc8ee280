import type { ReactNode } from 'react'
import { Providers } from './providers.tsx'

/** No icon: `data:,` keeps browsers from asking for one. */
export const metadata = { title: 'Jobs', icons: 'data:,' }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
