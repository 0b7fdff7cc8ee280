import { type DragEvent, useState } from 'react'

type FileDrop = {
  /** Files hang over the place right now. */
  isOver: boolean
  props: {
    onDragEnter: (event: DragEvent) => void
    onDragOver: (event: DragEvent) => void
    onDragLeave: (event: DragEvent) => void
    onDrop: (event: DragEvent) => void
  }
}

/** A place files can be dropped on. */
export function useFileDrop(onFiles: ((files: readonly File[]) => void) | null): FileDrop {
  const [depth, setDepth] = useState(0)
  const carriesFiles = (event: DragEvent) => onFiles !== null && event.dataTransfer.types.includes('Files')
  return {
    isOver: depth > 0,
    props: {
      onDragEnter: (event) => carriesFiles(event) && setDepth((before) => before + 1),
      // Without this the browser would open the file instead.
      onDragOver: (event) => carriesFiles(event) && event.preventDefault(),
      onDragLeave: (event) => carriesFiles(event) && setDepth((before) => Math.max(0, before - 1)),
      onDrop: (event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setDepth(0)
        onFiles?.([...event.dataTransfer.files])
      },
    },
  }
}
