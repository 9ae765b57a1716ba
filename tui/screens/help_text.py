"""What the help says."""

HELP = """\
a  acknowledge the most urgent alarm not yet acknowledged: only
   that one, as seen on the screen. It stays visible while it holds.
p  pause all alarm sound for two minutes; again: resume. A new or
   worse alarm breaks the pause. The screen goes on showing alarms.
w  why is it alarming?   o  it is over (where only you can say so)
s  standby: the person leaves for a while; again: they are back.
   Sensors' alarms are held back, HIGH ones of the person are not.

b  blood pressure   c  clinical temperature   f  fluids   r  score
m  write a note, or take an earlier one again
d  record a dose and fix the baseline
l  the log; Enter on an entry corrects or withdraws it: the earlier
   one stays in the log, struck through

h  handover: all that matters, read aloud in half a minute
i  limits of this session   v  sound check
g  what is to be done before the dose
t  charts over 10 minutes, 1 hour, the whole session
n  night colours, red on black   N  the next: day, contrast, ...
Ctrl+P  every control by its name; the mouse reaches all of them
q  leave: the session can go on without this screen

In a replay: space pause or play, + and - speed, arrows 60 s and
PgUp PgDn 10 min back or on, e next event, E event before, j go to
a time; a click on the purple bar goes to that part of the session

***  HIGH    red, flashing fast     someone must act now
**   MEDIUM  yellow, flashing slow  someone must act soon
*    LOW     cyan, steady           be aware

OVER, not acknowledged   has ended, but nobody acknowledged it yet
behind a worse one       holds too, behind a more severe alarm
no signal to judge it by held when the signal was lost
NOT ANSWERED             nobody acknowledged it for three minutes
--                       no value to be trusted; its age is beside it
░                        no valid data then; never joined by a line

Skin temperature is not core temperature: cool skin does not exclude
overheating.
"""
