/**
 * The button like this one of the entry beside it in the list: whoever goes by keyboard stays in the list when an entry
 * leaves it. Buttons are alike that have the attribute `mark`.
 */
export function neighbourOf(button: HTMLElement, { list, mark }: { list: string; mark: string }) {
  const buttons = [...(button.closest(list)?.querySelectorAll<HTMLElement>(`[${mark}]`) ?? [])]
  const index = buttons.indexOf(button)
  return buttons[index + 1] ?? buttons[index - 1]
}
