"""Jira Service Management, Cloud and Data Center, over the time of change of its issues.

Nothing was recorded from a running Jira.

- Documented for Cloud (REST v3): ``search/jql`` with its tokens, which lags and shows 40 changes of
  an issue at most; ``issue/bulkfetch``, which leaves out what is gone or may not be seen;
  ``changelog/bulkfetch``, whose times are numbers in the example and texts in the schema;
  ``jsdPublic``; client credentials.
- Documented for Data Center (REST v2): ``search`` with ``startAt``, an issue with its changelog,
  personal access tokens, client credentials. For both: the cycles of SLAs.
- Seen in issues of other connectors: ``updated >= MILLISECONDS`` is absolute in JQL, where a quoted
  time is in the zone of the user, to the minute; Data Center tells in the properties of a comment
  what Cloud tells by ``jsdPublic``.
- From memory: ``validateQuery``, by which a search for a project out of sight is an error (400),
  the 403 and 404 of Data Center, that the fields of SLAs hold the cycles of servicedeskapi, and
  that auth.atlassian.com takes a form, as Data Center does.

The interface cannot leave out people and the texts of comments; they are not looked at.
"""
