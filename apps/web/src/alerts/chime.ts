/** Longer than tabs that hear of the same thing need until each has asked. */
const HELD_MS = 1_000

/**
 * Of all tabs of this browser that want to sound for the same thing, one does: of those that may, as browsers let only a
 * page sound that somebody has touched.
 * @param what the same in all of them
 */
export function soundOnce(what: string, sound: () => void): void {
  const { locks, userActivation } = navigator
  if (locks === undefined) {
    sound()
    return
  }
  if (userActivation?.hasBeenActive === false) return
  void locks.request(`tally.chime.${what}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return
    sound()
    await new Promise((done) => setTimeout(done, HELD_MS))
  })
}

/** Two soft notes, made on the spot: no file, and nothing before somebody has touched the page (browsers see to that). */
export function createChime(): () => void {
  let audio: AudioContext | undefined
  return () => {
    audio ??= new AudioContext()
    if (audio.state === 'suspended') void audio.resume()
    const begin = audio.currentTime
    for (const [index, frequency] of [659.25, 880].entries()) {
      const note = audio.createOscillator()
      const volume = audio.createGain()
      const at = begin + index * 0.09
      note.frequency.value = frequency
      volume.gain.setValueAtTime(0, at)
      volume.gain.linearRampToValueAtTime(0.08, at + 0.01)
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25)
      note.connect(volume).connect(audio.destination)
      note.start(at)
      note.stop(at + 0.26)
    }
  }
}
