import { workerData } from 'node:worker_threads'
import type { BuiltGraph } from '../graph/model-graph.ts'
import { packWeights } from './pack-weights.ts'

await packWeights(workerData as BuiltGraph)
