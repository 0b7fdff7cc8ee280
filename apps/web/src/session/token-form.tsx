import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'

/** For a host's own people: a token that the host has issued. */
export function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  const { t } = useTranslation()
  const [token, setToken] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onToken(token.trim())
  }
  return (
    <form className="grid grid-cols-1 gap-2" onSubmit={submit}>
      <label className="font-semibold" htmlFor="token">
        {t('signIn.token')}
      </label>
      <div className="flex gap-2">
        <input
          aria-describedby="token-hint"
          autoComplete="off"
          className="h-9 min-w-0 flex-1 rounded-2 border border-line bg-raised px-3 text-2"
          id="token"
          onChange={(event) => setToken(event.target.value)}
          spellCheck={false}
          type="password"
          value={token}
        />
        <Button disabled={token.trim() === ''} tone="primary" type="submit">
          {t('signIn.tokenSubmit')}
        </Button>
      </div>
      <p className="text-1 text-ink-2" id="token-hint">
        {t('signIn.tokenHint')}
      </p>
    </form>
  )
}
