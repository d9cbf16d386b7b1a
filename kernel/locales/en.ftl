# Words of the page frame and of the shared patterns.

kernel-home = Home
kernel-skip = Skip to main content
kernel-official-page = Official page of
kernel-unofficial-page = Trial copy, not the official page of
kernel-options = Text size, contrast, language
kernel-text-small = Small text
kernel-text-normal = Normal text
kernel-text-large = Large text
kernel-contrast-on = High contrast
kernel-contrast-off = Normal contrast
kernel-search = Search
kernel-search-example = Try: nuoc sach
kernel-nav = Main menu
kernel-menu = Menu
kernel-breadcrumbs = You are here
kernel-tabs = Parts of this page
kernel-signed-in-as = Working as:
kernel-sign-in = Staff sign in
kernel-sign-out = Sign out
kernel-footer-owner = Published by { $owner }.
kernel-footer-source = Please name the source when you republish anything from this page.
kernel-footer-nav = Site map

kernel-save = Save
kernel-cancel = Discard
kernel-change = Change
kernel-continue = Continue
kernel-delete = Delete
kernel-filter = Filter
kernel-optional = (optional)
kernel-date-hint = Day/month/year, for example 05/09/2027
kernel-time-hint = Hour:minute, for example 14:30
kernel-error-prefix = Error:
kernel-errors-title = { $count ->
    [one] There is a problem
   *[other] There are { $count } problems
}
kernel-draft-restored = What you typed earlier on this device and did not save has been put back.
kernel-draft-discard = Discard it

kernel-pagination = Pages
kernel-previous = Previous
kernel-next = Next
kernel-page-number = Page { $number }
kernel-languages = Languages
kernel-available-in = In { $languages }
kernel-listen = Listen
kernel-listen-in = Listen in { $language }
kernel-say = Listen: { $label }
kernel-heard = Heard
kernel-minutes = { $minutes } min
kernel-minutes-seconds = { $minutes } min { $seconds } s
kernel-seconds = { $seconds } s
kernel-audio-download = Download
kernel-audio-small = Light version
kernel-alert = Alert
kernel-kiosk-card = Hold your card in the frame to confirm that you listened

kernel-unknown = Unknown
kernel-unknown-share = { $percent } % unknown
kernel-ladder-target = Target { $percent } %
kernel-ladder-claimed = Sent
kernel-ladder-proven = Proven
kernel-figure-none = Nothing to report
kernel-figure-missing = Not reported
kernel-figure-no-data = No data
kernel-figure-unknown = Unknown
kernel-figure-suppressed = Below 5, not published

kernel-print-hint = Press Ctrl + P to print. This part stays off the paper.
kernel-problem-next = What to do next
kernel-back-to-form = Back to the form
kernel-problem-home = Go to the home page
kernel-problem-code = Problem code:

# Problems: what happened, and what to do next (.next).
problem-not-found = This page was not found
    .next = Check the address, or search from the top of the page. It may have been taken down.
problem-sign-in-needed = Sign in to go on
    .next = Your session may have ended. Sign in again; what you typed is kept below.
    .next-bare = Your session may have ended. Sign in again and go on.
problem-forbidden = You may not do this here
    .next = Rights are given by role and area. If this is your work, ask an administrator.
problem-invalid-form = Something has to be put right
    .next = Mend the fields named and send again.
problem-stale-form = The form is too old or was not sent from this site
    .next = Go back, reload the page and send again. What you typed is kept below.
    .next-bare = Go back, reload the page and send again.
problem-conflict = Somebody else has just changed this
    .next = Open the newest version and go on from there. Your own text is not lost.
problem-too-large = The file or text is too large
    .next = Make it smaller and send it again.
problem-body-too-large = What was sent is too large
    .next = At most { $max } MB can be sent at once. Make it smaller, or send it in parts.
problem-bad-request = This request cannot be read
    .next = Check the address or the data sent.
problem-too-many = Too many tries
    .next = Wait a little and try again.
problem-no-space = The machine has no room left
    .next = Nothing was lost. Ask the keeper to remove old files or fit a larger disk, then try again.
problem-method-not-allowed = This address does not accept that
    .next = Go back and use the buttons on the page.
problem-internal = Something failed on our side
    .next = Please try again in a few minutes. If it goes on, tell the administrator the time it happened.
kernel-kept-title = What you had typed
kernel-kept-resend = Send this again
kernel-username = User name
kernel-password = Password
kernel-sign-in-and-send = Sign in and send
kernel-resume-title = Signed in again
kernel-resume-text = What you typed before the session ended is all here. Press the button to send it.
