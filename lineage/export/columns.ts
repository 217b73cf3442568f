import type { SchemaElement } from 'hyparquet-writer'
import type { ParquetColumn } from './parquet-file.ts'

/** Whether every row has a value. */
type Presence = 'REQUIRED' | 'OPTIONAL'

const text = (name: string, presence: Presence): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type: presence,
})

export const textColumn = (name: string, presence: Presence = 'REQUIRED'): ParquetColumn => ({
  name,
  schema: [text(name, presence)],
})

export const doubleColumn = (name: string, presence: Presence = 'REQUIRED'): ParquetColumn => ({
  name,
  schema: [{ name, type: 'DOUBLE', repetition_type: presence }],
})

export const intColumn = (name: string): ParquetColumn => ({
  name,
  schema: [{ name, type: 'INT32', repetition_type: 'REQUIRED' }],
})

/** Turns of a dialogue, `list<struct<role, content>>`, in Parquet's standard three levels. */
export const turnsColumn = (name: string): ParquetColumn => ({
  name,
  schema: [
    {
      name,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
      num_children: 1,
      repetition_type: 'REQUIRED',
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', num_children: 2 },
    text('role', 'REQUIRED'),
    text('content', 'REQUIRED'),
  ],
})
