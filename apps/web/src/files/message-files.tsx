import type { Attachment } from '@tally/client'
import { Download, FileText, Film, Image as ImageIcon, ImageOff, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/format-context.ts'
import { useStore } from '../tally/use-store.ts'
import { fetched, useFetched } from '../ui/fetched.ts'
import { useAttempt } from '../use-attempt.ts'
import { type CachedFile, useFileCache } from './file-cache.ts'
import { pictureBox } from './picture-box.ts'
import { saveAs } from './save-as.ts'

const imageViewer = fetched(async () => (await import('./image-viewer.tsx')).ImageViewer)

/** The files of a message: pictures as pictures, everything else as something to save. */
export function MessageFiles({ files, own }: { files: readonly Attachment[]; own: boolean }) {
  if (files.length === 0) return null
  return (
    <div className={`grid gap-1 ${own ? 'justify-items-end' : 'justify-items-start'}`}>
      {files.map((file) => {
        const box = pictureBox(file)
        return box === null ? (
          <FileCard file={file} key={file.id} />
        ) : (
          <Picture box={box} file={file} key={file.id} />
        )
      })}
    </div>
  )
}

const LOADING = { state: 'loading' } as const
/** Where nothing can be fetched. */
const NEVER: CachedFile = { get: () => LOADING, subscribe: () => () => {}, retry() {} }

type PictureProps = { file: Attachment; box: { width: number; height: number } }

/** A picture in a box of its size, which is known before it comes: nothing moves when it does, or when it does not. */
function Picture({ file, box }: PictureProps) {
  const { t } = useTranslation()
  const cached = useFileCache()?.file(file.id) ?? NEVER
  const shown = useStore(cached)
  const [open, setOpen] = useState(false)
  const [broken, setBroken] = useState(false)
  const ImageViewer = useFetched(imageViewer, open)
  const { name } = file
  const loading = shown.state === 'loading'
  const failed = shown.state === 'failed'
  const save = () => shown.state === 'there' && saveAs(shown.bytes, name)
  // What no picture can be made of can be saved all the same.
  const press = failed
    ? { label: t('files.again', { name }), act: cached.retry }
    : broken
      ? { label: t('files.save', { name }), act: save }
      : { label: t('files.open', { name }), act: () => setOpen(true) }
  const Icon = failed ? RotateCw : broken ? ImageOff : ImageIcon
  return (
    <>
      <button
        aria-busy={loading}
        aria-disabled={loading}
        aria-label={press.label}
        className="block max-w-full overflow-hidden rounded-3 border border-line bg-sunken"
        onClick={() => !loading && press.act()}
        style={{ width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
        title={failed ? press.label : undefined}
        type="button"
      >
        {shown.state === 'there' && !broken ? (
          <img
            alt={name}
            className="size-full object-cover"
            onError={() => setBroken(true)}
            src={shown.url}
          />
        ) : (
          <span
            className={`grid size-full place-items-center text-ink-3 ${loading ? 'animate-breathe' : ''}`}
          >
            <Icon aria-hidden="true" size={24} strokeWidth={1.5} />
          </span>
        )}
      </button>
      {ImageViewer !== null && shown.state === 'there' && (
        <ImageViewer name={name} onClose={() => setOpen(false)} onSave={save} url={shown.url} />
      )}
    </>
  )
}

/** A file by its name; pressing it saves it. */
function FileCard({ file }: { file: Attachment }) {
  const { t } = useTranslation()
  const format = useFormat()
  const attempt = useAttempt()
  const cache = useFileCache()
  const Icon = file.type.startsWith('video/') ? Film : file.type.startsWith('image/') ? ImageIcon : FileText
  const save = async () => {
    if (cache !== null) saveAs(await cache.read(file.id), file.name)
  }
  return (
    <button
      className="grid w-80 max-w-full grid-cols-[40px_minmax(0,1fr)_auto] items-center gap-x-3 rounded-3 border border-line bg-raised px-3.5 py-3 text-left hover:border-ink-3"
      onClick={() => attempt(save())}
      type="button"
    >
      <span className="grid size-10 place-items-center rounded-avatar bg-sunken text-ink-2">
        <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
      </span>
      <span className="grid min-w-0">
        <span className="line-clamp-2 font-semibold wrap-anywhere" dir="auto">
          {file.name}
        </span>
        <span className="text-1 text-ink-2 tabular">{format.bytes(file.bytes)}</span>
      </span>
      <Download aria-hidden="true" className="text-ink-3" size={18} strokeWidth={1.75} />
      <span className="sr-only">{t('files.saveThis')}</span>
    </button>
  )
}
