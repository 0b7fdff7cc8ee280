import { LIMITS } from '@tally/protocol'
import { Paperclip, Pencil, Reply, SendHorizontal, X } from 'lucide-react'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useLayoutEffect,
  useRef,
} from 'react'
import { useTranslation } from 'react-i18next'
import { TrayList } from '../files/tray-list.tsx'
import type { TrayFile } from '../files/upload-tray.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { useMedia } from '../use-media.ts'
import { messageLength } from './message-length.ts'

/** The server's default; what it says decides. */
const MAX_CHARS = LIMITS.messageChars

/** What the composer is about to do besides sending. */
export type ComposerMode =
  | { kind: 'new' }
  | { kind: 'reply'; name: string; text: string }
  | { kind: 'edit'; text: string }

type ComposerProps = {
  value: string
  mode: ComposerMode
  input: RefObject<HTMLTextAreaElement | null>
  /** Sends or saves what is written; only called when that is possible. */
  onSubmit: () => void
  onChange: (value: string) => void
  onCancelMode: () => void
  /** ArrowUp in an empty composer. */
  onEditLast: () => void
  files: readonly TrayFile[]
  onFiles: (files: readonly File[]) => void
  onRemoveFile: (key: string) => void
  onRetryFile: (key: string) => void
  /** What was written goes out as soon as its files are there. */
  waiting: boolean
  /** In a narrow place the button is a sign only. */
  compact?: boolean
}

/** Where one writes. Enter sends, Shift+Enter begins a line; on a touch keyboard Enter begins a line. */
export function Composer(props: ComposerProps) {
  const { value, mode, input, onSubmit, onChange, onCancelMode, onEditLast, compact = false } = props
  const { t } = useTranslation()
  const touch = useMedia('(pointer: coarse)')
  const length = messageLength(value)
  const picker = useRef<HTMLInputElement>(null)
  const canAttach = mode.kind !== 'edit'
  // Files wait for the message that comes after the change of an earlier one.
  const files = canAttach ? props.files : []
  const waiting = canAttach && props.waiting
  const failed = files.some(({ progress }) => progress.state === 'failed')
  const ready = (length > 0 || files.length > 0) && length <= MAX_CHARS && !failed && !waiting

  useGrowing(input, value)
  const onKeyDown = (event: KeyboardEvent) => {
    // While a Korean syllable is being put together, Enter ends the syllable, not the message.
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape' && mode.kind !== 'new') onCancelMode()
    if (event.key === 'ArrowUp' && value === '' && mode.kind === 'new') {
      event.preventDefault()
      onEditLast()
    }
    if (event.key === 'Enter' && !event.shiftKey && !touch) {
      event.preventDefault()
      if (ready) onSubmit()
    }
  }
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files]
    if (pasted.length === 0 || !canAttach) return
    event.preventDefault()
    props.onFiles(pasted)
  }
  return (
    <form
      className="rounded-3 border border-line bg-raised shadow-raised focus-within:border-action/50"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) onSubmit()
      }}
    >
      <ModeStrip mode={mode} onCancel={onCancelMode} />
      {canAttach && <TrayList files={files} onRemove={props.onRemoveFile} onRetry={props.onRetryFile} />}
      <div className="flex items-end gap-2 p-2">
        <input
          aria-hidden="true"
          className="sr-only"
          multiple
          onChange={(event) => {
            props.onFiles([...(event.target.files ?? [])])
            // The same file again is a choice, too.
            event.target.value = ''
          }}
          ref={picker}
          tabIndex={-1}
          type="file"
        />
        <IconButton
          disabled={!canAttach}
          icon={Paperclip}
          label={t('files.attach')}
          onClick={() => picker.current?.click()}
        />
        <textarea
          aria-label={t('room.composer')}
          className="max-h-40 min-h-9 flex-1 resize-none bg-transparent py-2 text-2 outline-none placeholder:text-ink-3"
          dir="auto"
          enterKeyHint={touch ? 'enter' : 'send'}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          placeholder={t('room.placeholder')}
          ref={input}
          rows={1}
          value={value}
        />
        <button
          aria-label={compact ? t('room.send') : undefined}
          className="grid min-h-9 place-items-center rounded-2 bg-action px-3.5 font-semibold text-on-action transition-opacity disabled:opacity-40"
          // The keyboard of a phone stays open when the button is pressed.
          onPointerDown={(event) => event.preventDefault()}
          disabled={!ready}
          type="submit"
        >
          {compact ? (
            <SendHorizontal aria-hidden="true" size={18} strokeWidth={2} />
          ) : (
            t(waiting ? 'files.sending' : mode.kind === 'edit' ? 'room.save' : 'room.send')
          )}
        </button>
      </div>
      <TooLong length={length} />
    </form>
  )
}

function ModeStrip({ mode, onCancel }: { mode: ComposerMode; onCancel: () => void }): ReactNode {
  const { t } = useTranslation()
  if (mode.kind === 'new') return null
  const reply = mode.kind === 'reply'
  const Icon = reply ? Reply : Pencil
  return (
    <div className="flex items-center gap-3 border-b border-line py-1.5 pr-2 pl-4 text-1 text-ink-2">
      <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
      <p className="min-w-0 flex-1">
        <span className="block truncate font-semibold">
          {reply ? t('room.replyingTo', { name: mode.name }) : t('room.editing')}
        </span>
        <span className="block truncate" dir="auto">
          {mode.text}
        </span>
      </p>
      <IconButton
        icon={X}
        label={t(reply ? 'room.cancelReply' : 'room.cancelEdit')}
        onClick={onCancel}
        size="small"
      />
    </div>
  )
}

function TooLong({ length }: { length: number }): ReactNode {
  const { t } = useTranslation()
  if (length <= MAX_CHARS) return null
  return (
    <p className="px-4 pb-2 text-1 text-warn tabular" role="alert">
      {t('room.tooLong', { limit: MAX_CHARS, count: length })}
    </p>
  )
}

/** As high as its text, up to the height the style allows. */
function useGrowing(input: RefObject<HTMLTextAreaElement | null>, value: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const element = input.current
    if (element === null) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [input, value])
}
