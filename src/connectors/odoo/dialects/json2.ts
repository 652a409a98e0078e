import { isJsonObject } from '../../../kernel/index.ts';
import { parseJson } from '../../kit/response-body.ts';
import { faultOf, type Dialect } from './dialect.ts';

/** "External JSON-2 API", since 19: the body is the parameters, the answer is the result, errors have HTTP statuses. */
export const json2: Dialect = {
  name: 'json2',
  path: ({ model, method }) => `/json/2/${model}/${method}`,
  contentType: 'application/json; charset=utf-8',
  credential: ({ params }, { key, database }) => ({
    headers: { authorization: `bearer ${key}`, 'x-odoo-database': database },
    body: JSON.stringify(params),
  }),
  parse: (text, status) => {
    const value = parseJson(text);
    if (status < 400) return { result: value };
    const { name, message } = isJsonObject(value) ? value : {};
    return typeof name === 'string' ? faultOf(name, typeof message === 'string' ? message : '') : value;
  },
};
