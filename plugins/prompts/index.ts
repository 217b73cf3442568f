import { resolve } from 'node:path'
import * as z from 'zod'
import { apiVersion, type Plugin } from '../api.ts'
import { fileSource } from './file-source.ts'
import { rowFormats } from './row-formats.ts'

const formats = Object.keys(rowFormats) as [keyof typeof rowFormats]

const options = z.strictObject({
  file: z.string().min(1).describe('path, relative to the run file'),
  format: z.enum(formats),
  limit: z.int().min(1).optional().describe('rows used at most'),
})

/** Prompts, human comparisons and items from data files. */
const files: Plugin = {
  manifest: { name: 'files', version: '1.0.0', api: apiVersion, provides: ['prompts'] },
  options,
  open: async (_port, given, host) => {
    const { file, format, limit } = given as z.infer<typeof options>
    return {
      prompts: fileSource(resolve(host.folder, file), { format, limit }, (line) => host.notice(line)),
    }
  },
}

export default files
