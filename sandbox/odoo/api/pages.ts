export const NOT_FOUND_PAGE =
  '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n' +
  '<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n';

/** The proxy in front of hosted databases answers for itself. */
export const TOO_MANY_PAGE =
  '<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many Requests</h1></center>\r\n' +
  '<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

export const UNSUPPORTED_PAGE =
  '<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n' +
  "<p>Request inferred type is compatible with ['http'] but '/json/2/&lt;model&gt;/&lt;method&gt;' is type='json2'. " +
  'Please verify the Content-Type request header and try again.</p>\n';
