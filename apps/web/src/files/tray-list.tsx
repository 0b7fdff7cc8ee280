import { CircleAlert, File as FileIcon, RotateCw, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { useRefusalWords } from '../use-attempt.ts'
import type { TrayFile } from './upload-tray.ts'

type TrayListProps = {
  files: readonly TrayFile[]
  onRemove: (key: string) => void
  onRetry: (key: string) => void
}

/** The files of a message that is being written, each with how far it is. */
export function TrayList({ files, onRemove, onRetry }: TrayListProps) {
  const { t } = useTranslation()
  if (files.length === 0) return null
  return (
    <ul aria-label={t('files.tray')} className="quiet-scroll flex gap-2 overflow-x-auto px-3 pt-3">
      {files.map((file) => (
        <TrayItem
          file={file}
          key={file.key}
          onRemove={() => onRemove(file.key)}
          onRetry={() => onRetry(file.key)}
        />
      ))}
    </ul>
  )
}

type TrayItemProps = { file: TrayFile; onRemove: () => void; onRetry: () => void }

function TrayItem({ file: { name, progress, previewUrl }, onRemove, onRetry }: TrayItemProps) {
  const { t } = useTranslation()
  const failed = progress.state === 'failed'
  return (
    <li
      className="relative grid w-60 shrink-0 grid-cols-[40px_minmax(0,1fr)_auto] items-center gap-x-2.5 overflow-hidden rounded-2 border border-line bg-paper py-1.5 pr-1 pl-1.5"
      data-upload={progress.state}
    >
      <span className="grid size-10 place-items-center overflow-hidden rounded-1 bg-sunken text-ink-2">
        {failed ? (
          <CircleAlert aria-hidden="true" className="text-warn" size={20} strokeWidth={1.75} />
        ) : previewUrl === null ? (
          <FileIcon aria-hidden="true" size={20} strokeWidth={1.75} />
        ) : (
          <img alt="" className="size-10 object-cover" src={previewUrl} />
        )}
      </span>
      <span className="grid min-w-0">
        <span className="truncate font-medium" dir="auto" title={name}>
          {name}
        </span>
        <TrayState progress={progress} />
      </span>
      <span className="flex">
        {failed && progress.error.retry === 'later' && (
          <IconButton icon={RotateCw} label={t('files.retry', { name })} onClick={onRetry} size="small" />
        )}
        <IconButton icon={X} label={t('files.remove', { name })} onClick={onRemove} size="small" />
      </span>
      {progress.state !== 'ready' && !failed && (
        <progress
          aria-label={t('files.progress', { name })}
          className="upload-progress absolute inset-x-0 bottom-0 h-0.5 w-full"
          max={Math.max(1, progress.bytes)}
          value={progress.received}
        />
      )}
    </li>
  )
}

function TrayState({ progress }: { progress: TrayFile['progress'] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const words = useRefusalWords()
  switch (progress.state) {
    case 'failed':
      return (
        <span className="text-1 wrap-anywhere text-warn" role="alert">
          {words(progress.error)}
        </span>
      )
    case 'waiting':
      return <span className="truncate text-1 text-warn">{t('files.waiting')}</span>
    case 'uploading':
      return (
        <span className="truncate text-1 text-ink-2 tabular">
          {format.bytes(progress.received)} / {format.bytes(progress.bytes)}
        </span>
      )
    case 'ready':
      return <span className="truncate text-1 text-ink-2 tabular">{format.bytes(progress.bytes)}</span>
  }
}
