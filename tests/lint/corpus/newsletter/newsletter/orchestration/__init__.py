from . import campaign, subscription

DEFINITIONS = [
    campaign.campaign,
    campaign.send_group,
    campaign.nightly,
    subscription.double_opt_in,
    subscription.bounce_watch,
]
