import { useEffect, useState } from 'react'
import { useRouter } from './router.ts'

/**
 * Whether the address is meant for this person. One that a notification opened says for whom it is (`?for=`); anybody else
 * whose page that becomes is taken to the list instead.
 *
 * @param userId `undefined` while it is not known who this is.
 */
export function useAddressee(userId: string | undefined): boolean {
  const router = useRouter()
  const [addressee, setAddressee] = useState(() => new URLSearchParams(location.search).get('for'))
  const isMeant = addressee === null || addressee === userId
  useEffect(() => {
    if (addressee === null || userId === undefined) return
    router.go(isMeant ? location.pathname : '/', { replace: true })
    setAddressee(null)
  }, [addressee, userId, isMeant, router])
  return isMeant
}
