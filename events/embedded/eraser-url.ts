import { names } from './cluster.ts'
import type { Home } from './home.ts'
import { readPasswords } from './home-file.ts'

/**
 * Address of a home's database for the eraser, who alone may delete texts. Ask for it where a person asked to erase, and
 * nowhere else. In a database of one's own the app's user is the eraser too.
 */
export const eraserUrl = async (home: Home): Promise<string> => {
  if (!home.embedded) return home.url
  const url = new URL(home.url)
  url.username = names.eraser
  url.password = (await readPasswords(home.folder)).eraser
  return url.href
}
