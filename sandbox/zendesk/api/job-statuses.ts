import { json } from '../../kit/index.ts';
import { isOpen } from '../writes/job-state.ts';
import type { Job } from '../writes/jobs.ts';
import type { Endpoint } from './context.ts';
import { recordNotFound } from './errors.ts';
import type { Json } from './present.ts';

/** Source: Zendesk API reference, "Job Statuses". */
export const showJob: Endpoint = ({ account, request, params }) => {
  const job = account.jobs.get(params[0] ?? '');
  return job === null ? recordNotFound() : json(200, { job_status: jobJson(request.origin, job) });
};

export const showManyJobs: Endpoint = ({ account, request }) => {
  const jobs = (request.query.get('ids') ?? '').split(',').flatMap((id) => account.jobs.get(id) ?? []);
  return json(200, { job_statuses: jobs.map((job) => jobJson(request.origin, job)) });
};

/** Those that ended last come first, then those that were made last. */
export const listJobs: Endpoint = ({ account, request }) => {
  const jobs = account.jobs
    .all()
    .toSorted((a, b) => (b.endedMs ?? 0) - (a.endedMs ?? 0) || b.createdMs - a.createdMs)
    .map((job) => jobJson(request.origin, job));
  return json(200, { job_statuses: jobs, meta: { has_more: false }, links: { next: null, prev: null } });
};

export function jobJson(origin: string, job: Job): Json {
  const { id, state, total, results, type, endedMs } = job;
  const ended = endedMs === null ? null : `${new Date(endedMs).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
  return {
    id,
    job_type: type,
    url: `${origin}/api/v2/job_statuses/${id}.json`,
    total,
    progress: isOpen(state) ? results.length : total,
    status: state,
    message: ended === null ? null : `${state === 'failed' ? 'Failed' : 'Completed'} at ${ended}`,
    results: isOpen(state) ? null : results,
  };
}
