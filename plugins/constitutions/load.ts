import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import * as z from 'zod'
import type { Constitution } from '../api.ts'
import { containedPath, readSmallText } from '../contained-path.ts'
import { PluginMisbehaved, UnreadableFile } from '../errors.ts'
import { readYaml } from '../located-yaml.ts'
import { packageFolder } from '../shipped.ts'
import { constitutionSchema, keySchema } from './schema.ts'

const maxBytes = 1024 * 1024
const what = 'constitution'
const shippedFolder = join(packageFolder, 'plugins', 'constitutions')

/** Names of the constitutions that come with the package. */
export async function shippedConstitutions(): Promise<readonly string[]> {
  const files = await readdir(shippedFolder)
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .toSorted()
}

/**
 * Loads a constitution that a run file names: one of the shipped ones by its name, or a YAML file inside `folder`.
 *
 * @throws PathRefused, UnreadableFile, InvalidFile (with line and column)
 */
export async function loadConstitution(fileOrName: string, folder: string): Promise<Constitution> {
  if (!isFile(fileOrName)) {
    const names = await shippedConstitutions()
    if (keySchema.safeParse(fileOrName).success && names.includes(fileOrName)) {
      return readConstitution(join(shippedFolder, `${fileOrName}.yaml`))
    }
    throw new UnreadableFile(
      what,
      fileOrName,
      'no constitution of that name comes with hansard',
      `name one of ${names.join(', ')}, or a file that ends in .yaml`,
    )
  }
  return readConstitution(await containedPath(folder, fileOrName, what))
}

/** Loads what a person typed: the name of a shipped constitution, or any path. @throws UnreadableFile, InvalidFile */
export const typedConstitution = (fileOrName: string, folder: string): Promise<Constitution> =>
  isFile(fileOrName) ? readConstitution(resolve(folder, fileOrName)) : loadConstitution(fileOrName, folder)

const isFile = (fileOrName: string): boolean => /\.ya?ml$/i.test(fileOrName)

/** Reads the file at a path that is to be trusted. @throws UnreadableFile, InvalidFile */
export async function readConstitution(path: string): Promise<Constitution> {
  return parseConstitution(await readSmallText(path, what, maxBytes), basename(path))
}

/** Checks the text of a constitution’s file. @throws InvalidFile */
export const parseConstitution = (text: string, file: string): Constitution =>
  withoutAbsent(readYaml(text, file, constitutionSchema))

/** Checks a constitution that a plugin provides. @throws PluginMisbehaved */
export function checkConstitution(given: unknown, plugin: string): Constitution {
  const checked = constitutionSchema.safeParse(given)
  if (checked.success) return withoutAbsent(checked.data)
  throw new PluginMisbehaved(plugin, `its constitution is not one: ${z.prettifyError(checked.error)}`)
}

const withoutAbsent = ({ licence, author, ...rest }: z.infer<typeof constitutionSchema>): Constitution => {
  return {
    ...rest,
    ...(licence === undefined ? {} : { licence }),
    ...(author === undefined ? {} : { author }),
  }
}
